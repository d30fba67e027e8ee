-- Releases batches, to be rolled up from their readings.
UPDATE batch SET in_memory = false WHERE batch_id = ANY (?::integer[]) AND NOT rolled_up
