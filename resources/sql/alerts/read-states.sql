-- Reads the states of a partition.
SELECT sensor_id, rule_id, state FROM alert_state WHERE topic = ? AND "partition" = ?
