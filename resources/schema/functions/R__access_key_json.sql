-- A key as the REST API shows it. Takes its columns one by one, because administrators may read all but one of them.
CREATE OR REPLACE FUNCTION access_key_json(key_id bigint, tenant text, role text, name text, made_by text, created_at timestamptz, expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz) RETURNS json
LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shown)
    FROM (SELECT key_id AS id, tenant, role, name, CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'valid' END AS status, made_by,
                 iso_8601(created_at) AS created_at, iso_8601(expires_at) AS expires_at, iso_8601(revoked_at) AS revoked_at, iso_8601(last_used_at) AS last_used_at) AS shown
$$;
