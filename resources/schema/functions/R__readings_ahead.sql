-- Readings of some sensors and locations, and with some metric (null: of all), whose time is from "future" on, and which were received at "oldest" or later; at least as
-- many of the newest ones as asked for. Only of newest_readings(): a plan of its own looks at the partitions of the future alone.
CREATE OR REPLACE FUNCTION readings_ahead(sensors text[], locations text[], metric text, most integer, future timestamptz, oldest timestamptz)
RETURNS TABLE (series_id integer, sensor_id text, location text, metrics text[], at timestamptz, received_at timestamptz, "values" float8[], attributes jsonb)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    waiting bigint[];
BEGIN
    waiting := ARRAY(SELECT batch_id FROM batch WHERE NOT rolled_up AND last_at >= future);
    RETURN QUERY
    SELECT named.series_id, named.sensor_id, named.location, named.metrics, ahead.at, ahead.received_at, ahead."values", ahead.attributes
    FROM (
        -- So many newest readings come from as many series at most: those with the latest receipts.
        SELECT chosen.series_id, chosen.sensor_id, chosen.location, chosen.metrics
        FROM (
            SELECT series_id FROM fast_clock WHERE last_at >= future AND last_received_at > oldest - interval '1 minute'
            UNION
            -- It may have sent more by now than is in the statistics, or for the first time.
            SELECT series_id FROM reading
            WHERE EXISTS (SELECT FROM unnest(waiting)) AND reading.at >= future AND batch_id = ANY (waiting) AND batch_id >= (SELECT min(id) FROM unnest(waiting) AS id)
        ) AS fast JOIN chosen_series(sensors, locations, readings_ahead.metric) AS chosen USING (series_id)
        CROSS JOIN LATERAL (SELECT reading.received_at, reading.at FROM reading WHERE reading.series_id = fast.series_id AND reading.at >= future
                            ORDER BY reading.at DESC LIMIT 1) AS newest
        ORDER BY newest.received_at DESC, newest.at DESC, chosen.series_id DESC LIMIT most
    ) AS named
    CROSS JOIN LATERAL (SELECT * FROM reading WHERE reading.series_id = named.series_id AND reading.at >= future
                          AND (readings_ahead.metric IS NULL OR reading."values"[array_position(named.metrics, readings_ahead.metric)] IS NOT NULL)
                        ORDER BY reading.at DESC LIMIT most) AS ahead
    WHERE ahead.received_at >= oldest;
END $$;
