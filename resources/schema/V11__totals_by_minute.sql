-- Totals of groups by minute, for the last two days: of a range that begins within an hour, no more than a minute has to be added up from its readings.

CREATE TABLE rollup_total_minute (
    group_id     integer NOT NULL,
    minute       timestamptz NOT NULL,
    metric       text NOT NULL,
    readings     bigint NOT NULL,
    events       bigint NOT NULL,
    first_at     timestamptz NOT NULL,
    last_at      timestamptz NOT NULL,
    scaled_total float8 NOT NULL,
    lowest       float8 NOT NULL,
    highest      float8 NOT NULL,
    CONSTRAINT rollup_total_minute_identity PRIMARY KEY (group_id, minute, metric)
    -- Rows change while their minute lasts: room in each page lets a new version stay beside the old one.
) WITH (fillfactor = 75);
COMMENT ON TABLE rollup_total_minute IS 'The same by minute, for the last two days. Minutes of older or recounted hours are incomplete: queries then aggregate the readings';

ALTER TABLE rollup_total_minute ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON rollup_total_minute TO sensor_pipeline_reader;
CREATE POLICY own_totals ON rollup_total_minute FOR SELECT TO sensor_pipeline_reader USING (group_id IN (SELECT group_id FROM series_group));
