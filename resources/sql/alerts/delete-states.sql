-- Deletes states that have become like those of sensors without any; not those that have moved to another partition.
DELETE FROM alert_state USING unnest(?::text[], ?::bigint[]) AS given (sensor_id, rule_id)
WHERE tenant = ? AND topic = ? AND "partition" = ? AND alert_state.sensor_id = given.sensor_id AND alert_state.rule_id = given.rule_id
