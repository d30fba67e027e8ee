-- Whether all these names are in a list. Only long lists are hashed, because <@ compares each with each.
CREATE OR REPLACE FUNCTION has_names(list text[], names text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN cardinality(list) >= 50 THEN contains_all(list, names) ELSE names <@ list END;
