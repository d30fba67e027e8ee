-- The values that some series of the tenant have, each at a position, from one time on and before another; not those that are null. Few series are looked up one by
-- one; for more, all readings of the span are read. Only for functions that are planned for their span and run with the rights of their owner: PostgreSQL inlines it there.
CREATE OR REPLACE FUNCTION values_of_series(of_series integer[], positions integer[], from_time timestamptz, until_time timestamptz)
RETURNS TABLE (series_id integer, at timestamptz, value float8)
LANGUAGE sql STABLE AS $$
    SELECT one.series_id, stored.at, stored.value
    FROM unnest(of_series, positions) AS one (series_id, "position") JOIN series USING (series_id)
    -- OFFSET 0 keeps the planner from reading all readings to join them.
    CROSS JOIN LATERAL (SELECT reading.at, reading."values"[one."position"] AS value FROM reading
                        WHERE reading.series_id = one.series_id AND reading.at >= from_time AND reading.at < until_time OFFSET 0) AS stored
    WHERE cardinality(of_series) <= 200 AND tenant = current_setting('pipeline.tenant', true) AND stored.value IS NOT NULL
    UNION ALL
    SELECT reading.series_id, reading.at, reading."values"[one."position"]
    FROM reading JOIN (SELECT given.* FROM unnest(of_series, positions) AS given (series_id, "position") JOIN series USING (series_id)
                       WHERE tenant = current_setting('pipeline.tenant', true)) AS one USING (series_id)
    WHERE cardinality(of_series) > 200 AND reading.at >= from_time AND reading.at < until_time AND reading."values"[one."position"] IS NOT NULL
$$;
