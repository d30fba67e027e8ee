-- Saves a rule as a new one, or as the next version of the one with an id, if that has one of the replaced versions (null: any), and tells the change. "unknown" is that id if there is no such
-- rule, "other_version" its version if that is none of these, "taken" the name if another rule has it, "full" is true if the tenant would have more rules than it can have.
-- Channels that name the rule follow it if it is renamed.
CREATE OR REPLACE FUNCTION save_alert_rule(wanted_id bigint, wanted_name text, wanted_definition text, replaced_versions bigint[] DEFAULT NULL, OUT saved json, OUT change bigint, OUT unknown bigint,
    OUT other_version integer, OUT taken text, OUT "full" boolean)
LANGUAGE plpgsql AS $$
DECLARE
    rule alert_rule;
BEGIN
    change := next_alert_change();
    IF wanted_id IS NOT NULL AND NOT EXISTS (SELECT FROM alert_rule WHERE rule_id = wanted_id) THEN
        unknown := wanted_id;
        RETURN;
    END IF;
    -- Whoever changes rules at the same time waits for this change.
    other_version := (SELECT version FROM alert_rule WHERE rule_id = wanted_id AND version <> ALL (replaced_versions));
    IF other_version IS NOT NULL THEN
        RETURN;
    ELSIF EXISTS (SELECT FROM alert_rule WHERE name = wanted_name AND rule_id IS DISTINCT FROM wanted_id) THEN
        taken := wanted_name;
        RETURN;
    ELSIF (SELECT NOT alert_rules_fit(count(*) + 1, coalesce(sum(length(definition ->> 'when')), 0) + coalesce(length(wanted_definition::json ->> 'when'), 0))
           FROM alert_rule WHERE rule_id IS DISTINCT FROM wanted_id) THEN
        "full" := true;
        RETURN;
    END IF;
    UPDATE alert_channel AS selective SET rules = array_replace(selective.rules, pattern_of(renamed.name), pattern_of(wanted_name)),
        definition = jsonb_set(selective.definition::jsonb, '{rules}', (SELECT jsonb_agg(CASE given WHEN renamed.name THEN wanted_name ELSE given END ORDER BY place)
                                                                        FROM json_array_elements_text(selective.definition -> 'rules') WITH ORDINALITY AS listed (given, place)))::json,
        version = selective.version + 1, changed_at = now()
    FROM alert_rule AS renamed
    WHERE renamed.rule_id = wanted_id AND renamed.name <> wanted_name AND renamed.name NOT LIKE '%*%' AND pattern_of(renamed.name) = ANY (selective.rules);
    INSERT INTO alert_rule (rule_id, tenant, name, version, definition)
    VALUES (coalesce(wanted_id, change), current_setting('pipeline.tenant'), wanted_name, 1, wanted_definition::json)
    ON CONFLICT (rule_id) DO UPDATE SET name = excluded.name, version = alert_rule.version + 1, definition = excluded.definition, changed_at = now()
    RETURNING * INTO rule;
    INSERT INTO alert_change (change_id, tenant, kind, rule_id, version, definition, created_at)
    VALUES (change, rule.tenant, 'rule', rule.rule_id, rule.version, rule.definition, rule.created_at);
    saved := alert_rule_json(rule);
END $$;
