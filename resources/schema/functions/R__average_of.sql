-- The average of so many values with this scaled total.
CREATE OR REPLACE FUNCTION average_of(scaled_total float8, readings float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN scaled_total / readings * scale();
