-- Reads the newest readings of sensors, in all partitions of a topic.
SELECT "partition", newest FROM alert_position WHERE topic = ? AND newest IS NOT NULL
