-- Tells programs that a key was made, changed or revoked. Those who do that wait for each other, so a version that is seen stands for all changes before it. With the rights of
-- its owner, because nobody else may change the version.
CREATE OR REPLACE FUNCTION advance_key_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE key_version SET version = version + 1;
    RETURN NULL;
END;
$$;
CREATE OR REPLACE TRIGGER key_changes AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF hash, tenant, role, name, expires_at, revoked_at ON access_key
    FOR EACH STATEMENT EXECUTE FUNCTION advance_key_version();
