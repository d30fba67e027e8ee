-- A number as a time: microseconds since 1970.
CREATE OR REPLACE FUNCTION as_time(microseconds bigint) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN timestamptz '1970-01-01 00:00:00+00' + microseconds * interval '1 microsecond';
