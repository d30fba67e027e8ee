-- A value as it is added to a scaled total.
CREATE OR REPLACE FUNCTION scaled(value float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN value / scale();
