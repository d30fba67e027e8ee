-- Whether there is a value, and it is below the one or above the other limit; without limits, any is.
CREATE OR REPLACE FUNCTION is_beyond(value float8, below float8, above float8) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN value IS NOT NULL AND (below IS NULL AND above IS NULL OR coalesce(value < below, false) OR coalesce(value > above, false));
