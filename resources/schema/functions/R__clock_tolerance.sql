-- How far the time of a reading may be ahead of its receipt before the clock of the sensor counts as fast.
CREATE OR REPLACE FUNCTION clock_tolerance() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN interval '1 minute';
