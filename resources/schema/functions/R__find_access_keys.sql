-- A page of the keys that the session may see, the newest first, also those that were revoked or have expired: at most so many, made before the one with the given id.
CREATE OR REPLACE FUNCTION find_access_keys(most integer, before bigint) RETURNS json
LANGUAGE sql STABLE AS $$
    WITH page AS (
        SELECT key_id, access_key_json(key_id, tenant, role, name, made_by, created_at, expires_at, revoked_at, last_used_at) AS json
        FROM access_key WHERE key_id < coalesce(before, 9223372036854775807) ORDER BY key_id DESC LIMIT most
    )
    SELECT row_to_json(answer)
    FROM (SELECT 'success' AS status, count(*) AS count, coalesce(json_agg(json ORDER BY key_id DESC), '[]') AS data,
                 (SELECT max(further.key_id + 1)::text FROM access_key AS further WHERE further.key_id < (SELECT min(page.key_id) FROM page)) AS next
          FROM page) AS answer
$$;
