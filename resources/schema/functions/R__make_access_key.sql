-- Stores a new key, of which only the hash is known here, and answers as the REST API does.
CREATE OR REPLACE FUNCTION make_access_key(hash bytea, tenant text, role text, name text, made_by text, expires_at timestamptz) RETURNS json
LANGUAGE sql AS $$
    INSERT INTO access_key (hash, tenant, role, name, made_by, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
    RETURNING access_key_json(access_key.key_id, access_key.tenant, access_key.role, access_key.name, access_key.made_by, access_key.created_at, access_key.expires_at, access_key.revoked_at, access_key.last_used_at)
$$;
