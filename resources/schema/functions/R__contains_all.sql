-- Whether all these names are in a list, which is hashed. In plpgsql, because only parameters of a function that is not inlined can be.
CREATE OR REPLACE FUNCTION contains_all(list text[], names text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN NOT EXISTS (SELECT FROM unnest(names) AS name WHERE (name IN (SELECT unnest(list))) IS NOT TRUE);
END $$;
