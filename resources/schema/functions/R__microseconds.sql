-- A time as a number, since 1970.
CREATE OR REPLACE FUNCTION microseconds(at timestamptz) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (date_part('epoch', at) * 1000000)::bigint;
