-- What a dashboard asks for, at no higher price with ten thousand sensors than with ten: statistics of all sensors of a tenant,
-- the newest readings, charts that look only at months that are there, and how the pipeline does.

-- Who adds rollups has a lock on the ledger before: nobody is half-way in the function that changes here.
LOCK TABLE batch IN EXCLUSIVE MODE;

CREATE TABLE rollup_total (
    tenant       text NOT NULL,
    hour         timestamptz NOT NULL,
    metric       text NOT NULL,
    readings     bigint NOT NULL,
    events       bigint NOT NULL,
    scaled_total float8 NOT NULL,
    lowest       float8 NOT NULL,
    highest      float8 NOT NULL,
    CONSTRAINT rollup_total_identity PRIMARY KEY (tenant, hour, metric)
    -- Rows change while their hour lasts: room in each page lets a new version stay beside the old one.
) WITH (fillfactor = 50);
COMMENT ON TABLE rollup_total IS 'The readings of all sensors of a tenant in an hour, for each metric: the sum of its rows in rollup_hour';
COMMENT ON COLUMN rollup_total.events IS 'Of the readings those whose first metric this is; so each reading is one event';

INSERT INTO rollup_total
SELECT tenant, hour, metrics["position"], sum(readings), coalesce(sum(readings) FILTER (WHERE "position" = 1), 0), sum(scaled_total), min(lowest), max(highest)
FROM rollup_hour JOIN series USING (series_id) GROUP BY tenant, hour, metrics["position"];

-- Adds to rollup_hour, rollup_month and rollup_total, an array a column; in the order of their keys, so that two callers never
-- wait for each other in a ring.
CREATE OR REPLACE FUNCTION add_rollups(hours timestamptz[], series_ids integer[], positions smallint[], counts bigint[], first_times timestamptz[],
                            last_times timestamptz[], scaled_totals float8[], lows float8[], highs float8[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO rollup_hour AS known (hour, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest)
    SELECT * FROM unnest(hours, series_ids, positions, counts, first_times, last_times, scaled_totals, lows, highs)
        AS given (hour, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest)
    ORDER BY hour, series_id, "position"
    ON CONFLICT (hour, series_id, "position") DO UPDATE SET
        readings = known.readings + excluded.readings,
        first_at = least(known.first_at, excluded.first_at),
        last_at = greatest(known.last_at, excluded.last_at),
        scaled_total = known.scaled_total + excluded.scaled_total,
        lowest = least(known.lowest, excluded.lowest),
        highest = greatest(known.highest, excluded.highest);
    INSERT INTO rollup_month AS known (month, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest)
    SELECT date_trunc('month', hour, 'UTC') AS month, series_id, "position", sum(readings), min(first_at), max(last_at),
           sum(scaled_total), min(lowest), max(highest)
    FROM unnest(hours, series_ids, positions, counts, first_times, last_times, scaled_totals, lows, highs)
        AS given (hour, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest)
    GROUP BY series_id, "position", month
    ORDER BY series_id, "position", month
    ON CONFLICT (series_id, "position", month) DO UPDATE SET
        readings = known.readings + excluded.readings,
        first_at = least(known.first_at, excluded.first_at),
        last_at = greatest(known.last_at, excluded.last_at),
        scaled_total = known.scaled_total + excluded.scaled_total,
        lowest = least(known.lowest, excluded.lowest),
        highest = greatest(known.highest, excluded.highest);
    INSERT INTO rollup_total AS known (tenant, hour, metric, readings, events, scaled_total, lowest, highest)
    SELECT tenant, hour, metrics["position"], sum(readings), coalesce(sum(readings) FILTER (WHERE "position" = 1), 0), sum(scaled_total), min(lowest), max(highest)
    FROM unnest(hours, series_ids, positions, counts, scaled_totals, lows, highs) AS given (hour, series_id, "position", readings, scaled_total, lowest, highest)
    JOIN series USING (series_id)
    GROUP BY tenant, hour, metrics["position"]
    ORDER BY tenant, hour, metrics["position"]
    ON CONFLICT (tenant, hour, metric) DO UPDATE SET
        readings = known.readings + excluded.readings,
        events = known.events + excluded.events,
        scaled_total = known.scaled_total + excluded.scaled_total,
        lowest = least(known.lowest, excluded.lowest),
        highest = greatest(known.highest, excluded.highest);
$$;

-- A total goes with its hours: for all tenants when their partition leaves, ...
CREATE FUNCTION delete_rollup_totals() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM rollup_total WHERE hour >= NEW.from_time AND hour < NEW.until_time;
    RETURN NULL;
END $$;
CREATE TRIGGER totals_leave AFTER UPDATE OF leaving ON rollup_partition
    FOR EACH ROW WHEN (NEW.leaving) EXECUTE FUNCTION delete_rollup_totals();

-- ... and for one tenant when the last of its rows has gone.
CREATE FUNCTION delete_rollup_totals_of_tenant() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM rollup_total WHERE tenant = NEW.tenant AND hour < NEW.gone_before;
    RETURN NULL;
END $$;
CREATE TRIGGER totals_of_tenant_leave AFTER INSERT OR UPDATE OF gone_before ON tenant_expired
    FOR EACH ROW WHEN (NEW.of_table = 'rollup_hour') EXECUTE FUNCTION delete_rollup_totals_of_tenant();

GRANT SELECT ON rollup_total TO sensor_pipeline_reader;
ALTER TABLE rollup_total ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_totals ON rollup_total FOR SELECT TO sensor_pipeline_reader
    USING (tenant = current_setting('pipeline.tenant', true));

-- Readings of some sensors and locations, and with some metric (null: of all) from one time on and before another, in the order
-- of their times and series. Hours and their slices, of about so many readings, are looked at only as far as rows are asked for, and in
-- a slice only series that have readings there: what it costs depends on the rows that are read, not on those that are
-- stored. Not to be run in parallel, which would lose the order.
CREATE OR REPLACE FUNCTION readings_in_order(sensors text[], locations text[], metric text, from_time timestamptz, until_time timestamptz, newest_first boolean, slice_size integer)
RETURNS TABLE (series_id integer, sensor_id text, location text, metrics text[], at timestamptz, received_at timestamptz, "values" float8[], attributes jsonb)
LANGUAGE sql STABLE PARALLEL UNSAFE AS $$
    WITH chosen AS NOT MATERIALIZED (
        SELECT series_id FROM series
        WHERE (sensors IS NULL OR sensor_id = ANY (sensors)) AND (locations IS NULL OR location = ANY (locations))
          AND (metric IS NULL OR metric = ANY (metrics))
    ), unrolled AS MATERIALIZED (
        -- What is not in the statistics yet. Where that is very much, to look for it in each series is cheaper than to read it.
        SELECT batch_id, first_at, last_at, readings,
               last_at - first_at < interval '2 hours'
               AND (SELECT sum(readings) FROM batch WHERE NOT rolled_up) > 20 * (SELECT count(*) FROM chosen) AS is_looked_for
        FROM batch WHERE NOT rolled_up
    )
    SELECT found.series_id, found.sensor_id, found.location, found.metrics, found.at, found.received_at, found."values", found.attributes
    FROM (
        SELECT hour FROM reading_partition AS listed
        -- Partitions reach into the future.
        CROSS JOIN (SELECT greatest((SELECT max(hour) FROM rollup_total), (SELECT max(last_at) FROM unrolled)) + interval '1 hour' AS end_time) AS known
        CROSS JOIN LATERAL generate_series(
            date_bin('1 hour', greatest(from_time, listed.from_time), timestamptz '2000-01-01 00:00:00+00'),
            least(until_time, listed.until_time, known.end_time) - interval '1 microsecond', interval '1 hour') AS hour
        WHERE listed.from_time < readings_in_order.until_time AND listed.until_time > readings_in_order.from_time
        ORDER BY CASE WHEN newest_first THEN -date_part('epoch', hour) ELSE date_part('epoch', hour) END
    ) AS hours
    CROSS JOIN LATERAL (
        SELECT array_agg(series_id) AS series_ids, array_agg(first_at) AS first_times, array_agg(last_at) AS last_times,
               min(first_at) AS first_at, max(last_at) + interval '1 microsecond' AS end_at, sum(readings)::bigint AS readings
        FROM (
            SELECT series_id, first_at, last_at, readings FROM rollup_hour
            WHERE rollup_hour.hour = hours.hour AND "position" = 1 AND sensors IS NULL AND locations IS NULL AND metric IS NULL
            UNION ALL
            SELECT series_id, first_at, last_at, readings FROM chosen JOIN rollup_hour USING (series_id)
            WHERE rollup_hour.hour = hours.hour AND "position" = 1 AND NOT (sensors IS NULL AND locations IS NULL AND metric IS NULL)
            UNION ALL
            SELECT series_id, min(waiting.at), max(waiting.at), count(*) FROM reading AS waiting
            WHERE EXISTS (SELECT FROM unrolled WHERE NOT is_looked_for)
              AND waiting.batch_id = ANY (ARRAY(SELECT batch_id FROM unrolled WHERE NOT is_looked_for))
              AND waiting.batch_id >= (SELECT min(batch_id) FROM unrolled WHERE NOT is_looked_for)
              AND waiting.at >= hours.hour AND waiting.at < hours.hour + interval '1 hour'
              -- The same for all hours: so partitions outside are left out before the first one is looked at.
              AND waiting.at >= readings_in_order.from_time AND waiting.at < readings_in_order.until_time
              AND (sensors IS NULL AND locations IS NULL AND metric IS NULL OR series_id IN (SELECT series_id FROM chosen))
            GROUP BY series_id
            UNION ALL
            SELECT series_id, greatest(looked_for.first_at, hours.hour), least(looked_for.last_at, hours.hour + interval '1 hour' - interval '1 microsecond'),
                   looked_for.readings / count(*) OVER ()
            FROM (
                SELECT min(first_at) AS first_at, max(last_at) AS last_at, sum(readings)::bigint AS readings FROM unrolled
                WHERE is_looked_for AND first_at < hours.hour + interval '1 hour' AND last_at >= hours.hour
            ) AS looked_for
            -- OFFSET 0 keeps the planner from looking at all series before it knows whether there is anything to look for.
            CROSS JOIN LATERAL (SELECT series_id FROM chosen WHERE looked_for.readings > 0 OFFSET 0) AS chosen
        ) AS active
    ) AS active
    -- OFFSET 0 keeps the planner from reckoning with hours that have nothing in the asked time.
    CROSS JOIN LATERAL (SELECT greatest(from_time, active.first_at) AS first_at, least(until_time, active.end_at) AS end_at
                        WHERE greatest(from_time, active.first_at) < least(until_time, active.end_at) AND active.end_at IS NOT NULL OFFSET 0) AS asked
    -- As many slices as the asked part of the hour has, if its readings are spread evenly.
    CROSS JOIN LATERAL (SELECT greatest(1, (readings * greatest(0, date_part('epoch', asked.end_at - asked.first_at))
                                            / date_part('epoch', active.end_at - active.first_at) / slice_size)::bigint) AS slices) AS needed
    CROSS JOIN LATERAL (SELECT (asked.end_at - asked.first_at) / slices AS width) AS sliced
    -- So many newest readings come from as many series at most: those with the newest last times. From the oldest of these times on there
    -- is a slice of its own, for which no other series is looked at, unless that is longer than a slice is anyway.
    CROSS JOIN LATERAL (SELECT coalesce((
            SELECT last_at FROM unnest(last_times) AS last_at
            WHERE newest_first AND last_at < asked.end_at AND last_at > asked.end_at - width
            ORDER BY last_at DESC OFFSET slice_size / 2 LIMIT 1), asked.end_at) AS newest_from) AS newest
    CROSS JOIN LATERAL (
        SELECT newest_from AS first_at, asked.end_at WHERE newest_from < asked.end_at
        UNION ALL
        -- The width is rounded: none may begin or end after the asked time, and the last one ends with it.
        SELECT least(newest_from, asked.first_at + width * CASE WHEN newest_first THEN slices - slice ELSE slice - 1 END) AS first_at,
               CASE slice WHEN CASE WHEN newest_first THEN 1 ELSE slices END THEN newest_from
                    ELSE least(newest_from, asked.first_at + width * CASE WHEN newest_first THEN slices - slice + 1 ELSE slice END) END AS end_at
        FROM generate_series(1, slices) AS slice
    ) AS slice
    CROSS JOIN LATERAL (
        SELECT named.sensor_id, named.location, named.metrics, stored.*
        FROM (SELECT DISTINCT s.series_id FROM unnest(series_ids, first_times, last_times) AS s (series_id, first_at, last_at)
              WHERE s.last_at >= slice.first_at AND s.first_at < slice.end_at) AS s
        JOIN series AS named USING (series_id)
        -- OFFSET 0 keeps the planner from reading the whole table to join it.
        CROSS JOIN LATERAL (SELECT * FROM reading WHERE reading.series_id = s.series_id AND reading.at >= slice.first_at AND reading.at < slice.end_at
                              AND reading.at >= readings_in_order.from_time AND reading.at < readings_in_order.until_time
                            OFFSET 0) AS stored
        ORDER BY CASE WHEN newest_first THEN -date_part('epoch', stored.at) ELSE date_part('epoch', stored.at) END,
                 CASE WHEN newest_first THEN -stored.series_id ELSE stored.series_id END
    ) AS found
$$;

-- For whom the months are that have statistics, so that a chart looks at no others.
GRANT SELECT ON rollup_partition TO sensor_pipeline_reader;

CREATE TABLE progress (
    tenant          text PRIMARY KEY,
    lag             bigint NOT NULL,
    readings_kept   interval NOT NULL,
    statistics_kept interval NOT NULL,
    seen_at         timestamptz NOT NULL
);
COMMENT ON TABLE progress IS 'What a consumer saw of its work last, for those who cannot ask Kafka';
COMMENT ON COLUMN progress.lag IS 'Records of this tenant in Kafka that were not stored yet';

GRANT SELECT ON progress TO sensor_pipeline_reader;
GRANT SELECT (stored_at) ON batch TO sensor_pipeline_reader;
ALTER TABLE progress ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_progress ON progress FOR SELECT TO sensor_pipeline_reader
    USING (tenant = current_setting('pipeline.tenant', true));

-- The newest readings of some sensors and locations, and with some metric (null: of all), at most so many. A partition at a time: to make
-- ready for all of them takes longer than to find the readings in the newest one.
CREATE FUNCTION newest_readings(sensors text[], locations text[], metric text, most integer)
RETURNS TABLE (series_id integer, sensor_id text, location text, metrics text[], at timestamptz, received_at timestamptz, "values" float8[], attributes jsonb)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    missing integer := most;
    answered integer;
    listed record;
BEGIN
    FOR listed IN SELECT from_time, until_time FROM reading_partition ORDER BY from_time DESC LOOP
        RETURN QUERY SELECT * FROM readings_in_order(sensors, locations, newest_readings.metric, listed.from_time, listed.until_time, true, 2 * most) LIMIT missing;
        GET DIAGNOSTICS answered = ROW_COUNT;
        missing := missing - answered;
        EXIT WHEN missing = 0;
    END LOOP;
END $$;
