-- Reads what was changed after a change, in this order.
SELECT change_id, tenant, kind, rule_id, definition::text AS definition, created_at, alert_id::text AS alert_id, sensor_id, "by", comment, until, changed_at, severity
FROM alert_change WHERE change_id > ? ORDER BY change_id LIMIT 10000
