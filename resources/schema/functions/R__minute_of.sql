-- The minute of a time: the start of the part of its hour that the totals of groups are kept by.
CREATE OR REPLACE FUNCTION minute_of(at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN date_bin('1 minute', at, timestamptz '2000-01-01 00:00:00+00');
