-- Readings of some series, and with some metric (null: of all), from one time on and before another, in the order of their times and series.
-- A statement that looked at the table itself would prepare for all of its partitions, of which there are thousands after years: here each
-- call is planned for its own span. Row security would be checked anew in each call: so this runs with the rights of its owner, and answers only readings of the tenant.
CREATE OR REPLACE FUNCTION part_of_readings(of_series integer[], metric text, from_time timestamptz, until_time timestamptz, newest_first boolean)
RETURNS TABLE (series_id integer, sensor_id text, location text, metrics text[], at timestamptz, received_at timestamptz, "values" float8[], attributes jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
BEGIN
    -- Of many series, to look up each takes longer than to read all readings of the span, if these lie together on disk: the ledger tells.
    IF cardinality(of_series) > 1000 AND (SELECT sum(readings) FROM batch WHERE tstzrange(first_at, last_at, '[]') && tstzrange(from_time, until_time)) <= 60000 THEN
        RETURN QUERY
        SELECT named.series_id, named.sensor_id, named.location, named.metrics, stored.at, stored.received_at, stored."values", stored.attributes
        -- OFFSET 0 keeps the planner from looking up each series again.
        FROM (SELECT * FROM reading WHERE reading.at >= part_of_readings.from_time AND reading.at < part_of_readings.until_time OFFSET 0) AS stored
        JOIN (SELECT * FROM series WHERE series.series_id = ANY (of_series) AND series.tenant = of_tenant OFFSET 0) AS named USING (series_id)
        WHERE part_of_readings.metric IS NULL OR stored."values"[array_position(named.metrics, part_of_readings.metric)] IS NOT NULL
        ORDER BY CASE WHEN newest_first THEN -date_part('epoch', stored.at) ELSE date_part('epoch', stored.at) END,
                 CASE WHEN newest_first THEN -named.series_id ELSE named.series_id END;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT named.series_id, named.sensor_id, named.location, named.metrics, stored.at, stored.received_at, stored."values", stored.attributes
    FROM (SELECT DISTINCT unnest(of_series) AS series_id) AS one
    -- OFFSET 0 keeps the planner from reading the whole tables to join them.
    CROSS JOIN LATERAL (SELECT * FROM series WHERE series.series_id = one.series_id AND series.tenant = of_tenant OFFSET 0) AS named
    CROSS JOIN LATERAL (SELECT * FROM reading WHERE reading.series_id = one.series_id AND reading.at >= part_of_readings.from_time AND reading.at < part_of_readings.until_time
                          AND (part_of_readings.metric IS NULL OR reading."values"[array_position(named.metrics, part_of_readings.metric)] IS NOT NULL)
                        OFFSET 0) AS stored
    ORDER BY CASE WHEN newest_first THEN -date_part('epoch', stored.at) ELSE date_part('epoch', stored.at) END,
             CASE WHEN newest_first THEN -stored.series_id ELSE stored.series_id END;
END $$;
