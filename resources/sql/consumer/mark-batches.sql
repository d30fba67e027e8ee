-- Marks batches as rolled up: all of them, or none if one already is, is being rolled up, or has a reading that was completed meanwhile. None either if
-- their numbers may be those of other batches, because the database is another one.
WITH held AS (
    SELECT batch_id FROM batch WHERE batch_id = ANY (?::bigint[]) AND NOT rolled_up AND in_memory FOR UPDATE SKIP LOCKED
)
UPDATE batch SET rolled_up = true FROM held
WHERE batch.batch_id = held.batch_id AND (SELECT count(*) FROM held) = cardinality(?::bigint[])
  AND (SELECT series_generation()) = ?::bigint
