-- Selects a page of the caller's keys, the newest first.
SELECT find_access_keys(:?limit::integer, :?cursor::bigint)::text AS answer
