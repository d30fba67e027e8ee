-- Selects all rules, by name.
SELECT row_to_json(answer)::text AS answer
FROM (SELECT 'success' AS status, count(*) AS count, coalesce(json_agg(alert_rule_json(alert_rule) ORDER BY name), '[]') AS data FROM alert_rule) AS answer
