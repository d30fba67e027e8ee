-- Values by position of two readings together; where both have one, that of the second, as || does for jsonb.
CREATE OR REPLACE FUNCTION values_merged(one float8[], other float8[]) RETURNS float8[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN one = other THEN one
            ELSE ARRAY(SELECT coalesce(pair.b, pair.a) FROM unnest(one, other) WITH ORDINALITY AS pair (a, b, "position") ORDER BY "position") END;
