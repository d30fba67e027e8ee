-- Advances a partition, only from the position and the change that the caller knows, and tells when its topic got more partitions.
UPDATE alert_position SET next_offset = ?, change_id = ?, applied_change = ?, delivered_offset = ?, waiting = ?, saved_at = now()
WHERE topic = ? AND "partition" = ? AND next_offset = ? AND change_id = ?
RETURNING raised_at
