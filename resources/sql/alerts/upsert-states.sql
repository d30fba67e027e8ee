-- Saves what has changed of the states of a partition; those that have moved to another partition stay as they are there.
INSERT INTO alert_state (tenant, topic, "partition", sensor_id, rule_id, state)
SELECT ?, ?, ?, given.* FROM unnest(?::text[], ?::bigint[], ?::text[]) AS given (sensor_id, rule_id, state) ORDER BY given.sensor_id, given.rule_id
ON CONFLICT (tenant, sensor_id, rule_id) DO UPDATE SET topic = excluded.topic, "partition" = excluded."partition", state = excluded.state
WHERE alert_state."partition" = excluded."partition" OR alert_state.topic <> excluded.topic
