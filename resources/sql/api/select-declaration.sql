-- Selects what was declared of a metric: its unit and its kind.
SELECT unit, coalesce(kind, 'gauge') AS kind FROM (VALUES (:?metric::text)) AS asked (metric) LEFT JOIN metric_declaration USING (metric)
