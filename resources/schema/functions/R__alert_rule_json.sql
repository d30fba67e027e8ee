-- A rule as the REST API shows it: what its author wrote, and before that its id and version.
CREATE OR REPLACE FUNCTION alert_rule_json(rule alert_rule) RETURNS json
LANGUAGE sql STABLE AS $$
    SELECT ('{"id":' || rule.rule_id || ',"version":' || rule.version || ',"created_at":"' || iso_8601(rule.created_at) || '","changed_at":"' || iso_8601(rule.changed_at) || '",'
        || substr(rule.definition::text, 2))::json
$$;
