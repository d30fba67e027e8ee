-- Moves all states of sensors to a partition, and tells where they were.
WITH before AS MATERIALIZED (
    SELECT tenant, sensor_id, rule_id, "partition" FROM alert_state
    WHERE tenant = ? AND topic = ? AND sensor_id = ANY (?::text[]) ORDER BY sensor_id, rule_id FOR UPDATE
)
UPDATE alert_state SET "partition" = ? FROM before
WHERE alert_state.tenant = before.tenant AND alert_state.sensor_id = before.sensor_id AND alert_state.rule_id = before.rule_id
RETURNING alert_state.sensor_id, alert_state.rule_id, alert_state.state, before."partition" AS previous
