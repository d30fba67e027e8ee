-- Deletes a rule, if it has one of the versions (null: any), and tells the change; "unknown" is its id if there is no such rule, "other_version" its version if that is none of these.
CREATE OR REPLACE FUNCTION delete_alert_rule(wanted_id bigint, deleted_versions bigint[] DEFAULT NULL, OUT deleted json, OUT change bigint, OUT unknown bigint, OUT other_version integer)
LANGUAGE plpgsql AS $$
DECLARE
    rule alert_rule;
BEGIN
    change := next_alert_change();
    other_version := (SELECT version FROM alert_rule WHERE rule_id = wanted_id AND version <> ALL (deleted_versions));
    IF other_version IS NOT NULL THEN
        RETURN;
    END IF;
    DELETE FROM alert_rule WHERE rule_id = wanted_id RETURNING * INTO rule;
    IF rule.rule_id IS NULL THEN
        unknown := wanted_id;
        RETURN;
    END IF;
    INSERT INTO alert_change (change_id, tenant, kind, rule_id, version, created_at) VALUES (change, rule.tenant, 'rule', rule.rule_id, rule.version + 1, rule.created_at);
    deleted := alert_rule_json(rule);
END $$;
