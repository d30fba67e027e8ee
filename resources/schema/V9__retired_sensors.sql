-- Sensors that are not expected to send any more. One that sends again is no longer retired: retired_series() compares the times.

CREATE TABLE retired_sensor (
    tenant     text CHECK (tenant ~ '^[a-z0-9-]{1,63}$'),
    sensor_id  text COLLATE "C",
    retired_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, sensor_id)
);
COMMENT ON TABLE retired_sensor IS 'Sensors that were retired, also those that have sent again since';
COMMENT ON COLUMN retired_sensor.retired_at IS 'When it was retired, but not before its last reading was received';

ALTER TABLE retired_sensor ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON retired_sensor TO sensor_pipeline_reader;
GRANT INSERT, UPDATE, DELETE ON retired_sensor TO sensor_pipeline_operator;
CREATE POLICY own_retired ON retired_sensor FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY retire_own ON retired_sensor FOR INSERT TO sensor_pipeline_operator WITH CHECK (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY retire_own_anew ON retired_sensor FOR UPDATE TO sensor_pipeline_operator
    USING (tenant = current_setting('pipeline.tenant', true)) WITH CHECK (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY return_own ON retired_sensor FOR DELETE TO sensor_pipeline_operator USING (tenant = current_setting('pipeline.tenant', true));
