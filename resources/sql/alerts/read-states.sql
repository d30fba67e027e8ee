-- Reads the states of a partition, and those that may belong to it because the topic had another number of partitions when they were saved.
SELECT sensor_id, rule_id, state, partitions FROM alert_state WHERE topic = ? AND ("partition" = ? OR partitions <> ?)
