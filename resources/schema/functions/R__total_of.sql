-- The total that a scaled total stands for; null if it is larger than any number.
CREATE OR REPLACE FUNCTION total_of(scaled_total float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN abs(scaled_total) <= 1.7976931348623157e308 / scale() THEN scaled_total * scale() END;
