-- The values that some series of the tenant have, each at a position, from one time on and before another; not those that are null. See part_of_readings() for the
-- reason why it is a function, and for its rights.
CREATE OR REPLACE FUNCTION values_between(of_series integer[], positions integer[], from_time timestamptz, until_time timestamptz)
RETURNS TABLE (series_id integer, at timestamptz, value float8)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET jit = off AS $$
BEGIN
    RETURN QUERY SELECT * FROM values_of_series(of_series, positions, from_time, until_time);
END $$;
