-- The series of a cursor: see cursor_time().
CREATE OR REPLACE FUNCTION cursor_series(cursor text) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
RETURN least(split_part(cursor, '_', 2)::bigint, 2147483647)::integer;
