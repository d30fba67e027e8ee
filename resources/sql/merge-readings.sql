-- Stores the readings of a batch that are not stored yet and notes the batch in the ledger, both or neither.
WITH new_batch AS (
    SELECT nextval(pg_get_serial_sequence('batch', 'batch_id'))::integer AS batch_id
), given AS (
    -- Each reading's own values are those from the end of the values before it to its own end.
    SELECT *, coalesce(lag(values_end) OVER (ORDER BY position), 0) + 1 AS values_start
    FROM unnest(:?series_ids::integer[], :?at::bigint[], :?received_at::bigint[], :?values_end::integer[], :?attributes::text[])
        WITH ORDINALITY AS given (series_id, at, received_at, values_end, attributes, position)
), stored AS (
    INSERT INTO reading (series_id, batch_id, at, received_at, "values", attributes)
    SELECT given.series_id, new_batch.batch_id, to_timestamp(given.at / 1e6::float8), to_timestamp(given.received_at / 1e3::float8),
           (:?values::float8[])[given.values_start : given.values_end], given.attributes::jsonb
    FROM new_batch, given
    ON CONFLICT DO NOTHING
    RETURNING series_id
)
INSERT INTO batch (batch_id, offsets, records, readings, first_at, last_at) OVERRIDING SYSTEM VALUE
SELECT new_batch.batch_id, :?offsets::jsonb, cardinality(:?series_ids::integer[]), (SELECT count(*) FROM stored),
       to_timestamp(:?first_at::bigint / 1e6::float8), to_timestamp(:?last_at::bigint / 1e6::float8)
FROM new_batch
RETURNING readings
