-- The values of some readings of the tenant, each at a position; "number" is that of the reading in the arrays, from 1. See part_of_readings() for the reason why
-- it is a function, and for its rights.
CREATE OR REPLACE FUNCTION values_at(of_series integer[], times timestamptz[], positions integer[]) RETURNS TABLE (number bigint, value float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
    span_from timestamptz := (SELECT min(at) FROM unnest(times) AS at);
    span_until timestamptz := (SELECT max(at) FROM unnest(times) AS at);
BEGIN
    RETURN QUERY
    SELECT one.number, stored.value
    FROM unnest(of_series, times, positions) WITH ORDINALITY AS one (series_id, at, "position", number) JOIN series USING (series_id)
    CROSS JOIN LATERAL (SELECT reading."values"[one."position"] AS value FROM reading
                        WHERE reading.series_id = one.series_id AND reading.at = one.at AND reading.at >= span_from AND reading.at <= span_until OFFSET 0) AS stored
    WHERE tenant = of_tenant;
END $$;
