-- An alert as the REST API shows it.
CREATE OR REPLACE FUNCTION alert_json(target alert) RETURNS json
LANGUAGE sql STABLE AS $$
    SELECT (SELECT row_to_json(shown) FROM (SELECT
        target.alert_id AS id, target.rule_id AS rule_id, target.rule AS rule, target.severity AS severity, target.sensor_id AS sensor_id, target.location AS location,
        target.metric AS metric, target.value AS value, target.state AS state, target.late AS late, target.flapping AS flapping,
        target.latched AND target.state = 'firing' AS latched,
        iso_8601(target.started_at) AS started_at, iso_8601(target.fired_at) AS fired_at, iso_8601(target.cleared_at) AS cleared_at,
        target.cleared_by AS cleared_by, iso_8601(target.came_back_at) AS came_back_at,
        (SELECT row_to_json(mark) FROM (SELECT target.acknowledged_by AS "by", iso_8601(target.acknowledged_at) AS at, target.acknowledged_comment AS comment) AS mark
         WHERE target.acknowledged_at IS NOT NULL) AS acknowledged,
        iso_8601(target.shelved_until) AS shelved_until, target.message AS message) AS shown)
$$;
