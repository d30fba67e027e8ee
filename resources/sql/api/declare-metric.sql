-- Declares what a metric is, in place of an earlier declaration.
WITH declared AS (
    INSERT INTO metric_declaration (tenant, metric, display_name, unit, kind)
    VALUES (current_setting('pipeline.tenant'), :?metric::text, :?display_name::text, :?unit::text, :?kind::text)
    ON CONFLICT (tenant, metric) DO UPDATE SET display_name = excluded.display_name, unit = excluded.unit, kind = excluded.kind, declared_at = now()
    RETURNING metric, display_name, unit, kind
)
SELECT row_to_json(answer)::text AS answer FROM (SELECT 'success' AS status, row_to_json(declared) AS data FROM declared) AS answer
