-- Releases batches, to be rolled up from their readings; those that a merge has locked it releases itself.
UPDATE batch SET in_memory = false
WHERE batch_id IN (SELECT batch_id FROM batch WHERE batch_id = ANY (?::bigint[]) AND NOT rolled_up ORDER BY batch_id FOR UPDATE SKIP LOCKED)
