-- Notes in the ledger a batch all of whose readings are new, and numbers it.
INSERT INTO batch (offsets, records, readings, first_at, last_at)
SELECT offsets::jsonb, size, size, to_timestamp(first_at / 1e6::float8), to_timestamp(last_at / 1e6::float8)
FROM (SELECT ?::text, ?::integer, ?::bigint, ?::bigint) AS given (offsets, size, first_at, last_at)
RETURNING batch_id
