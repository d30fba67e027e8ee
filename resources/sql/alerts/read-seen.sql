-- Reads which records rules about silence have seen, in all partitions of a topic.
SELECT "partition", seen FROM alert_position WHERE topic = ? AND seen IS NOT NULL
