-- Stores the new readings of a batch, records the batch in the ledger, and rolls it up if that takes few rows: all or nothing.
WITH new_batch AS (
    SELECT nextval(pg_get_serial_sequence('batch', 'batch_id'))::integer AS batch_id
), given AS (
    -- Each reading's values begin after the end of the previous reading's values.
    SELECT *, coalesce(lag(values_end) OVER (ORDER BY position), 0) + 1 AS values_start
    FROM unnest(:?series_ids::integer[], :?at::bigint[], :?received_at::bigint[], :?values_end::integer[], :?attributes::text[])
        WITH ORDINALITY AS given (series_id, at, received_at, values_end, attributes, position)
), stored AS (
    INSERT INTO reading (series_id, batch_id, at, received_at, "values", attributes)
    SELECT given.series_id, new_batch.batch_id, to_timestamp(given.at / 1e6::float8), to_timestamp(given.received_at / 1e3::float8),
           (:?values::float8[])[given.values_start : given.values_end], given.attributes::jsonb
    FROM new_batch, given
    ON CONFLICT DO NOTHING
    RETURNING series_id, at, received_at, "values"
), rollup AS (
    SELECT date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00') AS hour, series_id, metric."position"::smallint AS "position",
           count(*) AS readings, min(at) AS first_at, max(at) AS last_at,
           sum(scaled(metric.value)) AS scaled_total, min(metric.value) AS lowest, max(metric.value) AS highest,
           max(received_at) AS last_received_at
    FROM stored CROSS JOIN LATERAL unnest("values") WITH ORDINALITY AS metric (value, "position")
    GROUP BY 1, 2, 3
), rolled_up AS (
    SELECT add_rollups(array_agg(hour), array_agg(series_id), array_agg("position"), array_agg(readings), array_agg(first_at),
                       array_agg(last_at), array_agg(scaled_total), array_agg(lowest), array_agg(highest),
                       array_agg(last_received_at))
    FROM rollup HAVING count(*) <= greatest(100, (SELECT count(*) FROM stored) / 10)
)
INSERT INTO batch (batch_id, offsets, records, readings, first_at, last_at, rolled_up) OVERRIDING SYSTEM VALUE
SELECT new_batch.batch_id, :?offsets::jsonb, cardinality(:?series_ids::integer[]), (SELECT count(*) FROM stored),
       to_timestamp(:?first_at::bigint / 1e6::float8), to_timestamp(:?last_at::bigint / 1e6::float8), (SELECT count(*) > 0 FROM rolled_up)
FROM new_batch
RETURNING readings
