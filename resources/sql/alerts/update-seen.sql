-- Saves which records rules about silence have seen, and the newest readings; what is not given stays as it is.
UPDATE alert_position SET seen = coalesce(?, seen), newest = coalesce(?, newest) WHERE topic = ? AND "partition" = ?
