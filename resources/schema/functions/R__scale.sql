-- Sums are kept of values divided by this, a power of two: no digit is lost, and the largest numbers can be added.
CREATE OR REPLACE FUNCTION scale() RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 1099511627776::float8
$$;
