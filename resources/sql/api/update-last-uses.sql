-- Stores when keys were last used.
UPDATE access_key SET last_used_at = greatest(last_used_at, used.at::timestamptz)
FROM unnest(:?ids::bigint[], :?times::text[]) AS used (key_id, at) WHERE access_key.key_id = used.key_id
