-- Selects all metrics of a tenant, with what was declared of them: those in the statistics, and those that were only declared.
WITH known AS (
    SELECT metric COLLATE "C" AS metric FROM rollup_total_month JOIN series_group USING (group_id) WHERE series_group.kind = 'all'
    UNION
    SELECT one.metric COLLATE "C" FROM pending_total CROSS JOIN unnest(totals) AS one
    UNION
    SELECT metric FROM metric_declaration
)
SELECT row_to_json(answer)::text AS answer
FROM (SELECT 'success' AS status, array_to_json(coalesce(array_agg(row_to_json(shown) ORDER BY metric), '{}')) AS data
      FROM (SELECT metric, display_name, unit, coalesce(kind, 'gauge') AS kind, min_plausible, max_plausible
            FROM known LEFT JOIN metric_declaration USING (metric)) AS shown) AS answer
