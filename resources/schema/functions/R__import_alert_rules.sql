-- Makes the rules of the tenant those of an array of definitions: a rule is that of the same name, one that is equal stays as it is, and the others are deleted if wanted. Tells what was changed, or
-- in a dry run would be, and the last change. "full" is true if the tenant would have more rules than it can have; then nothing is changed.
CREATE OR REPLACE FUNCTION import_alert_rules(definitions json, deletes_others boolean, is_dry_run boolean, OUT changes json, OUT added bigint, OUT changed bigint, OUT deleted bigint,
    OUT unchanged bigint, OUT change bigint, OUT "full" boolean)
LANGUAGE plpgsql AS $$
BEGIN
    -- Nobody else changes rules from here on.
    PERFORM next_alert_change();
    WITH wanted AS MATERIALIZED (
        SELECT element AS definition, element ->> 'name' AS name FROM json_array_elements(definitions) AS element
    ), compared AS MATERIALIZED (
        SELECT rule_id, name, coalesce(wanted.definition, alert_rule.definition) AS definition,
            CASE WHEN rule_id IS NULL THEN 'added' WHEN wanted.definition::jsonb <> alert_rule.definition::jsonb THEN 'changed' WHEN wanted.definition IS NULL AND deletes_others THEN 'deleted'
                ELSE 'unchanged' END AS kind
        FROM wanted FULL JOIN alert_rule USING (name)
    ), result AS MATERIALIZED (
        SELECT alert_rules_fit(count(*), sum(length(definition ->> 'when'))) AS fits FROM compared WHERE kind <> 'deleted'
    ), planned AS MATERIALIZED (
        SELECT rule_id, name, definition, kind, CASE WHEN NOT is_dry_run AND fits THEN nextval('alert_change_id') END AS change_id
        FROM compared, result
        WHERE kind <> 'unchanged'
    ), saved AS (
        INSERT INTO alert_rule (rule_id, tenant, name, version, definition)
        SELECT coalesce(rule_id, change_id), current_setting('pipeline.tenant'), name, 1, definition FROM planned WHERE kind IN ('added', 'changed') AND change_id IS NOT NULL
        ON CONFLICT (rule_id) DO UPDATE SET version = alert_rule.version + 1, definition = excluded.definition, changed_at = now()
        RETURNING rule_id, name, version, definition, created_at
    ), gone AS (
        DELETE FROM alert_rule USING planned WHERE planned.kind = 'deleted' AND planned.change_id IS NOT NULL AND alert_rule.rule_id = planned.rule_id
        RETURNING alert_rule.rule_id, alert_rule.name, alert_rule.version + 1 AS version, NULL::json AS definition, alert_rule.created_at
    ), told AS (
        INSERT INTO alert_change (change_id, tenant, kind, rule_id, version, definition, created_at)
        SELECT change_id, current_setting('pipeline.tenant'), 'rule', done.rule_id, done.version, done.definition, created_at
        FROM (TABLE saved UNION ALL TABLE gone) AS done JOIN planned USING (name)
        RETURNING change_id
    )
    SELECT coalesce(json_agg(json_build_object('id', coalesce(rule_id, change_id), 'name', name, 'change', kind) ORDER BY name), '[]'),
        count(*) FILTER (WHERE kind = 'added'), count(*) FILTER (WHERE kind = 'changed'), count(*) FILTER (WHERE kind = 'deleted'),
        (SELECT count(*) FROM compared WHERE kind = 'unchanged'), (SELECT max(change_id) FROM told),
        (SELECT NOT fits FROM result)
    INTO changes, added, changed, deleted, unchanged, change, "full"
    FROM planned;
END $$;
