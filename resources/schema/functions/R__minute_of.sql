-- Truncates a time to the minute.
CREATE OR REPLACE FUNCTION minute_of(at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN date_bin('1 minute', at, timestamptz '2000-01-01 00:00:00+00');
