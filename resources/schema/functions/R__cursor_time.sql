-- A cursor is the time and the series of the last reading of a page: 1737000000000000_42.
CREATE OR REPLACE FUNCTION cursor_time(cursor text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN as_time(split_part(cursor, '_', 1)::bigint);
