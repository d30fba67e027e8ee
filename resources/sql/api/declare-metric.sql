-- Declares what a metric is, in place of an earlier declaration.
WITH declared AS (
    INSERT INTO metric_declaration (tenant, metric, display_name, unit, kind, min_plausible, max_plausible)
    VALUES (current_setting('pipeline.tenant'), :?metric::text, :?display_name::text, :?unit::text, :?kind::text, :?min_plausible::float8, :?max_plausible::float8)
    ON CONFLICT (tenant, metric) DO UPDATE SET display_name = excluded.display_name, unit = excluded.unit, kind = excluded.kind, min_plausible = excluded.min_plausible,
        max_plausible = excluded.max_plausible, declared_at = now()
    RETURNING metric, display_name, unit, kind, min_plausible, max_plausible
), told AS (
    -- Alert rules do not look at implausible values.
    INSERT INTO alert_change (change_id, tenant, kind, rule_id, definition)
    SELECT next_alert_change(), current_setting('pipeline.tenant'), 'metric', 0, json_build_object('metric', metric, 'min_plausible', min_plausible, 'max_plausible', max_plausible) FROM declared
)
SELECT row_to_json(answer)::text AS answer FROM (SELECT 'success' AS status, row_to_json(declared) AS data FROM declared) AS answer
