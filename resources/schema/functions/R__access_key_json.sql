-- A key as the REST API shows it. Takes its columns one by one, because administrators may read all but one of them.
CREATE OR REPLACE FUNCTION access_key_json(key_id bigint, tenant text, role text, name text, made_by text, created_at timestamptz, expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz) RETURNS json
LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', key_id, 'tenant', tenant, 'role', role, 'name', name,
        'status', CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'valid' END,
        'made_by', made_by, 'created_at', iso_8601(created_at), 'expires_at', iso_8601(expires_at), 'revoked_at', iso_8601(revoked_at), 'last_used_at', iso_8601(last_used_at))
$$;
