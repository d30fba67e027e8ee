-- Revokes a key of the caller's tenant; without an answer, there is none with this id.
SELECT revoke_access_key(id)::text AS answer, id FROM (SELECT :?id::bigint AS id) AS given
