-- The values that some series of the tenant have, each at a position, from one time on and before another; not those that are null. Few series are looked up one by
-- one; for more, all readings of the span are read. See part_of_readings() for the reason why it is a function, and for its rights.
CREATE OR REPLACE FUNCTION values_between(of_series integer[], positions integer[], from_time timestamptz, until_time timestamptz)
RETURNS TABLE (series_id integer, at timestamptz, value float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
BEGIN
    IF cardinality(of_series) <= 200 THEN
        RETURN QUERY
        SELECT one.series_id, stored.at, stored.value
        FROM unnest(of_series, positions) AS one (series_id, "position") JOIN series USING (series_id)
        CROSS JOIN LATERAL (SELECT reading.at, reading."values"[one."position"] AS value FROM reading
                            WHERE reading.series_id = one.series_id AND reading.at >= from_time AND reading.at < until_time OFFSET 0) AS stored
        WHERE tenant = of_tenant AND stored.value IS NOT NULL;
    ELSE
        RETURN QUERY
        SELECT reading.series_id, reading.at, reading."values"[one."position"]
        FROM reading JOIN (SELECT given.* FROM unnest(of_series, positions) AS given (series_id, "position") JOIN series USING (series_id) WHERE tenant = of_tenant) AS one USING (series_id)
        WHERE reading.at >= from_time AND reading.at < until_time AND reading."values"[one."position"] IS NOT NULL;
    END IF;
END $$;
