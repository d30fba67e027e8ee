-- Deletes states that have become like those of sensors without any.
DELETE FROM alert_state USING unnest(?::text[], ?::bigint[]) AS given (sensor_id, rule_id)
WHERE tenant = ? AND alert_state.sensor_id = given.sensor_id AND alert_state.rule_id = given.rule_id
