-- Stores a new key of the caller's tenant.
SELECT make_access_key(decode(:?hash::text, 'hex'), current_setting('pipeline.tenant'), :?role::text, :?name::text, :?made_by::text, :?expires_at::timestamptz)::text AS answer
