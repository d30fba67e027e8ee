-- Selects the alerts of a rule and sensor within a span: the tenant, the rule, the sensor, until and from when, in microseconds since 1970.
SELECT alert_id::text AS alert_id, revision, microseconds(cleared_at) AS cleared_at FROM alert
WHERE tenant = ? AND rule_id = ? AND sensor_id = ? AND started_at <= as_time(?) AND coalesce(cleared_at, 'infinity') >= as_time(?)
