-- Acknowledges, shelves or clears an alert, and tells the alert and the change; "unknown" is its id if there is no such alert, "over" is true if only one that is firing can be shelved.
-- Who acknowledged an alert first stays; what is cleared is not cleared again.
CREATE OR REPLACE FUNCTION change_alert(wanted_id uuid, wanted_kind text, given_by text, given_comment text, given_until timestamptz, OUT changed json, OUT unknown uuid, OUT "over" boolean)
LANGUAGE plpgsql AS $$
DECLARE
    change CONSTANT bigint := next_alert_change();
    target alert;
BEGIN
    SELECT * INTO target FROM alert WHERE alert_id = wanted_id FOR UPDATE;
    IF target.alert_id IS NULL THEN
        unknown := wanted_id;
        RETURN;
    ELSIF wanted_kind = 'shelve' AND target.state <> 'firing' THEN
        "over" := true;
        RETURN;
    ELSIF wanted_kind = 'acknowledge' AND target.acknowledged_at IS NOT NULL OR wanted_kind = 'clear' AND target.state = 'cleared' THEN
        changed := alert_json(target);
        RETURN;
    END IF;
    CASE wanted_kind
        WHEN 'acknowledge' THEN
            UPDATE alert SET acknowledged_by = given_by, acknowledged_at = now(), acknowledged_comment = given_comment, acknowledged_severity = severity
            WHERE alert_id = wanted_id RETURNING * INTO target;
        WHEN 'shelve' THEN
            UPDATE alert SET shelved_until = CASE WHEN given_until > now() THEN given_until END WHERE alert_id = wanted_id RETURNING * INTO target;
        WHEN 'clear' THEN
            UPDATE alert SET state = 'cleared', cleared_at = now(), stored_at = now(), cleared_by = given_by WHERE alert_id = wanted_id RETURNING * INTO target;
    END CASE;
    INSERT INTO alert_change (change_id, tenant, kind, rule_id, alert_id, sensor_id, "by", comment, until, severity)
    VALUES (change, target.tenant, wanted_kind, target.rule_id, target.alert_id, target.sensor_id, given_by, given_comment, target.shelved_until, target.severity);
    INSERT INTO alert_event (alert_id, event_id, tenant, kind, at, revision, severity, "by", comment, until)
    VALUES (target.alert_id, 'change-' || change, target.tenant, CASE wanted_kind WHEN 'acknowledge' THEN 'acknowledged' WHEN 'shelve' THEN 'shelved' ELSE 'cleared' END, now(), target.revision,
            target.severity, given_by, given_comment, target.shelved_until);
    changed := alert_json(target);
END $$;
