-- Marks batches as rolled up: all of them, or none if one already is, or is being rolled up.
WITH held AS (
    SELECT batch_id FROM batch WHERE batch_id = ANY (?::integer[]) AND NOT rolled_up FOR UPDATE SKIP LOCKED
)
UPDATE batch SET rolled_up = true FROM held
WHERE batch.batch_id = held.batch_id AND (SELECT count(*) FROM held) = cardinality(?::integer[])
