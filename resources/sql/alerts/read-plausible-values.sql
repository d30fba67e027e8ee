-- Reads which values of its metrics a tenant had declared plausible after a change.
SELECT DISTINCT ON (definition ->> 'metric') definition::text AS definition FROM alert_change
WHERE tenant = ? AND kind = 'metric' AND change_id <= ?
ORDER BY definition ->> 'metric', change_id DESC
