-- Stores the readings of a batch that are not stored yet and notes the batch in the ledger, both or neither.
WITH new_batch AS (
    SELECT nextval(pg_get_serial_sequence('batch', 'batch_id'))::integer AS batch_id
), stored AS (
    INSERT INTO reading (series_id, batch_id, at, received_at, "values", attributes)
    SELECT given.series_id, new_batch.batch_id, to_timestamp(given.at / 1e6::float8), to_timestamp(given.received_at / 1e3::float8),
           given.metric_values::float8[], given.attributes::jsonb
    FROM new_batch, unnest(:?series_ids::integer[], :?at::bigint[], :?received_at::bigint[], :?values::text[], :?attributes::text[])
        AS given (series_id, at, received_at, metric_values, attributes)
    ON CONFLICT DO NOTHING
    RETURNING series_id
)
INSERT INTO batch (batch_id, offsets, records, readings) OVERRIDING SYSTEM VALUE
SELECT new_batch.batch_id, :?offsets::jsonb, :?records::integer, (SELECT count(*) FROM stored)
FROM new_batch
RETURNING readings
