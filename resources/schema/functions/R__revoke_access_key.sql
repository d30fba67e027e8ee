-- Revokes a key, unless it is revoked already, and answers with it; null if there is no such key that the session may see.
CREATE OR REPLACE FUNCTION revoke_access_key(of_key bigint) RETURNS json
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE access_key SET revoked_at = now() WHERE key_id = of_key AND revoked_at IS NULL;
    RETURN (SELECT access_key_json(key_id, tenant, role, name, made_by, created_at, expires_at, revoked_at, last_used_at) FROM access_key WHERE key_id = of_key);
END;
$$;
