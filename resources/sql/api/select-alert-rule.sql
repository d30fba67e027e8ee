-- Selects a rule and its version; "unknown" is its id if there is no such rule.
SELECT CASE WHEN saved IS NULL THEN :?rule_id::bigint END AS unknown, saved ->> 'version' AS version, row_to_json(answer)::text AS answer
FROM (SELECT (SELECT alert_rule_json(alert_rule) FROM alert_rule WHERE rule_id = :?rule_id::bigint) AS saved) AS found, LATERAL (SELECT 'success' AS status, saved AS data) AS answer
