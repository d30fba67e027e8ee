-- Reads which sensors have states in other partitions of a topic than these.
SELECT sensor_id, rule_id FROM alert_state WHERE topic = ? AND "partition" <> ALL (?::integer[])
