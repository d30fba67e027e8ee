-- Saves a rule, as a new one if it has no id.
SELECT unknown, taken, "full", change, row_to_json(answer)::text AS answer
FROM save_alert_rule(:?rule_id::bigint, :?name::text, :?definition::text) AS result, LATERAL (SELECT 'success' AS status, saved AS data) AS answer
