-- Saves what has changed of the states of a partition.
INSERT INTO alert_state (tenant, topic, "partition", partitions, sensor_id, rule_id, state)
SELECT ?, ?, ?, ?, given.* FROM unnest(?::text[], ?::bigint[], ?::text[]) AS given
ON CONFLICT (tenant, sensor_id, rule_id) DO UPDATE SET topic = excluded.topic, "partition" = excluded."partition", partitions = excluded.partitions, state = excluded.state
