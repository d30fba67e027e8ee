-- Saves which records rules about silence have seen.
UPDATE alert_position SET seen = ? WHERE topic = ? AND "partition" = ?
