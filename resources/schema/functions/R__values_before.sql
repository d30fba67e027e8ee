-- The last value of each of some series of the tenant, each at a position, from one time on and before another. See part_of_readings() for the reason why it is a
-- function, and for its rights.
CREATE OR REPLACE FUNCTION values_before(of_series integer[], positions integer[], from_time timestamptz, until_time timestamptz)
RETURNS TABLE (series_id integer, at timestamptz, value float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
BEGIN
    RETURN QUERY
    SELECT one.series_id, stored.at, stored.value
    FROM unnest(of_series, positions) AS one (series_id, "position") JOIN series USING (series_id)
    CROSS JOIN LATERAL (SELECT reading.at, reading."values"[one."position"] AS value FROM reading
                        WHERE reading.series_id = one.series_id AND reading.at >= from_time AND reading.at < until_time AND reading."values"[one."position"] IS NOT NULL
                        ORDER BY reading.at DESC LIMIT 1) AS stored
    WHERE tenant = of_tenant;
END $$;
