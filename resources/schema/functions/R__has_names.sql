-- Whether all these names are in a list; long lists are hashed, because <@ compares each with each.
CREATE OR REPLACE FUNCTION has_names(list text[], names text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN cardinality(list) < 50 THEN names <@ list
            ELSE NOT EXISTS (SELECT FROM unnest(names) AS name WHERE (name IN (SELECT unnest(list))) IS NOT TRUE) END;
