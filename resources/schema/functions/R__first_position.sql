-- The position of the first value that is not null.
CREATE OR REPLACE FUNCTION first_position("values" float8[]) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN "values"[1] IS NOT NULL THEN 1
            ELSE (SELECT min("position") FROM unnest("values") WITH ORDINALITY AS one (value, "position") WHERE value IS NOT NULL) END;
