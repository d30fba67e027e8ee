-- Adds up the values of some series of the tenant, each at a position, from one time on and before another: by the interval between two bounds that they belong to, and,
-- if asked, by series; otherwise "series_id" is null. See part_of_readings() for the reason why it is a function, and for its rights.
CREATE OR REPLACE FUNCTION parts_between(of_series integer[], positions integer[], bounds timestamptz[], from_time timestamptz, until_time timestamptz, by_series boolean)
RETURNS TABLE (interval_number integer, series_id integer, readings bigint, scaled_total float8, lowest float8, highest float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT width_bucket(stored.at, bounds), CASE WHEN by_series THEN stored.series_id END, count(*), sum(scaled(stored.value)), min(stored.value), max(stored.value)
    FROM values_of_series(of_series, positions, from_time, until_time) AS stored
    GROUP BY 1, 2;
END $$;
