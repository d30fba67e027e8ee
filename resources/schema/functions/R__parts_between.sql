-- Adds up the values of some series of the tenant, each at a position, from one time on and before another: by the interval between two bounds that they belong to, and, if asked, by
-- series; otherwise "series_id" is null. Few series are looked up one by one; for more, all readings of the span are read. See part_of_readings() for the reason
-- why it is a function, and for its rights.
CREATE OR REPLACE FUNCTION parts_between(of_series integer[], positions integer[], bounds timestamptz[], from_time timestamptz, until_time timestamptz, by_series boolean)
RETURNS TABLE (interval_number integer, series_id integer, readings bigint, scaled_total float8, lowest float8, highest float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
BEGIN
    IF cardinality(of_series) <= 200 THEN
        RETURN QUERY
        SELECT width_bucket(stored.at, bounds), CASE WHEN by_series THEN one.series_id END, count(*), sum(scaled(stored.value)), min(stored.value), max(stored.value)
        FROM unnest(of_series, positions) AS one (series_id, "position") JOIN series USING (series_id)
        CROSS JOIN LATERAL (SELECT reading.at, reading."values"[one."position"] AS value FROM reading
                            WHERE reading.series_id = one.series_id AND reading.at >= from_time AND reading.at < until_time OFFSET 0) AS stored
        WHERE tenant = of_tenant AND stored.value IS NOT NULL
        GROUP BY 1, 2;
    ELSE
        RETURN QUERY
        SELECT width_bucket(stored.at, bounds), CASE WHEN by_series THEN stored.series_id END, count(*), sum(scaled(stored.value)), min(stored.value), max(stored.value)
        FROM (SELECT one.series_id, reading.at, reading."values"[one."position"] AS value
              FROM reading JOIN (SELECT given.* FROM unnest(of_series, positions) AS given (series_id, "position") JOIN series USING (series_id) WHERE tenant = of_tenant) AS one USING (series_id)
              WHERE reading.at >= from_time AND reading.at < until_time OFFSET 0) AS stored
        WHERE stored.value IS NOT NULL
        GROUP BY 1, 2;
    END IF;
END $$;
