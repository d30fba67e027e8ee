-- Declares what a metric is, in place of an earlier declaration.
WITH declared AS (
    INSERT INTO metric_declaration (tenant, metric, display_name, unit, kind, min_plausible, max_plausible)
    VALUES (current_setting('pipeline.tenant'), :?metric::text, :?display_name::text, :?unit::text, :?kind::text, :?min_plausible::float8, :?max_plausible::float8)
    ON CONFLICT (tenant, metric) DO UPDATE SET display_name = excluded.display_name, unit = excluded.unit, kind = excluded.kind, min_plausible = excluded.min_plausible,
        max_plausible = excluded.max_plausible, declared_at = now()
    RETURNING metric, display_name, unit, kind, min_plausible, max_plausible
)
SELECT row_to_json(answer)::text AS answer FROM (SELECT 'success' AS status, row_to_json(declared) AS data FROM declared) AS answer
