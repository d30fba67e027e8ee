-- Selects all valid keys if any was made or revoked since the given version, and none otherwise.
SELECT key_version.version, key_id, hash, tenant, role, coalesce(name, '') AS name, (extract(epoch FROM expires_at) * 1000)::bigint AS expires_at
FROM key_version LEFT JOIN access_key ON revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
WHERE key_version.version IS DISTINCT FROM :?version::bigint
