-- Deletes a rule.
SELECT unknown, change, row_to_json(answer)::text AS answer
FROM delete_alert_rule(:?rule_id::bigint) AS result, LATERAL (SELECT 'success' AS status, deleted AS data) AS answer
