-- Saves a rule, as a new one if it has no id; "other_version" is its version if it is none of those that are to be replaced.
SELECT unknown, other_version, taken, "full", change, row_to_json(answer)::text AS answer
FROM save_alert_rule(:?rule_id::bigint, :?name::text, :?definition::text, :?versions::bigint[]) AS result, LATERAL (SELECT 'success' AS status, saved AS data) AS answer
