-- The series of retired sensors, of which nothing was received since. Most tenants have none; a function of its own, so that others do not plan for it.
CREATE OR REPLACE FUNCTION retired_series() RETURNS TABLE (series_id integer, retired_at timestamptz)
LANGUAGE plpgsql STABLE ROWS 10 AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT FROM retired_sensor) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH known AS MATERIALIZED (
        SELECT series.series_id, series.sensor_id, retired_sensor.retired_at, last_received_at
        FROM retired_sensor JOIN series USING (tenant, sensor_id) LEFT JOIN series_activity USING (series_id)
    ), news AS MATERIALIZED (
        SELECT series_id, max(last_received_at) AS last_received_at FROM pending_hours('-infinity', 'infinity', ARRAY(SELECT series_id FROM known))
        WHERE EXISTS (SELECT FROM batch WHERE NOT rolled_up)
        GROUP BY series_id
    )
    SELECT unnest(array_agg(series_id)), min(retired_at) FROM known LEFT JOIN news USING (series_id)
    GROUP BY sensor_id HAVING max(greatest(known.last_received_at, news.last_received_at)) <= min(retired_at);
END $$;
