-- Loads which values are plausible, for each metric for which a tenant declared it.
SELECT tenant, metric, coalesce(min_plausible, '-infinity') AS min_plausible, coalesce(max_plausible, 'infinity') AS max_plausible
FROM metric_declaration WHERE min_plausible IS NOT NULL OR max_plausible IS NOT NULL
