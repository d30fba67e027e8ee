-- Records in the ledger a batch whose readings are all new, and numbers it.
INSERT INTO batch (offsets, records, readings, first_at, last_at, rolled_up, in_memory)
SELECT offsets::jsonb, records, readings, to_timestamp(first_at / 1e6::float8), to_timestamp(last_at / 1e6::float8), rolled_up, in_memory
FROM (SELECT ?::text, ?::integer, ?::integer, ?::bigint, ?::bigint, ?::boolean, ?::boolean) AS given (offsets, records, readings, first_at, last_at, rolled_up, in_memory), hold_series(?::bigint)
RETURNING batch_id
