-- Saves which records rules about silence have seen.
UPDATE alert_position SET seen = ?, partitions = ? WHERE topic = ? AND "partition" = ?
