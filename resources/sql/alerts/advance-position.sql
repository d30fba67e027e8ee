-- Advances a partition, only from the position and the change that the caller knows.
UPDATE alert_position SET next_offset = ?, change_id = ?, applied_change = ?, saved_at = now()
WHERE topic = ? AND "partition" = ? AND next_offset = ? AND change_id = ?
