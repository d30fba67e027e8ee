-- Whether all these names are in a list. Long lists are hashed, because <@ compares each with each; in plpgsql, because only parameters of a function that
-- is not inlined can be.
CREATE OR REPLACE FUNCTION has_names(list text[], names text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN CASE WHEN cardinality(list) < 50 THEN names <@ list
                ELSE NOT EXISTS (SELECT FROM unnest(names) AS name WHERE (name IN (SELECT unnest(list))) IS NOT TRUE) END;
END $$;
