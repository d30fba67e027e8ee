-- Notes in the ledger a batch all of whose readings are new, and numbers it.
INSERT INTO batch (offsets, records, readings) SELECT ?::jsonb, size, size FROM (SELECT ?::integer) AS given (size)
RETURNING batch_id
