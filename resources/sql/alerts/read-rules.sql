-- Reads the rules of a tenant as they were after a change.
SELECT * FROM (
    SELECT DISTINCT ON (rule_id) change_id, rule_id, definition::text AS definition, created_at, changed_at FROM alert_change
    WHERE tenant = ? AND kind = 'rule' AND change_id <= ?
    ORDER BY rule_id, change_id DESC
) AS latest WHERE definition IS NOT NULL
