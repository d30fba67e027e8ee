-- Retires a sensor, or reactivates it; "unknown" is its name if no readings of it are stored.
WITH known AS MATERIALIZED (
    SELECT min(sensor_id) AS sensor_id, greatest(now(), max(last_received_at)) AS retired_at
    FROM (
        SELECT sensor_id, last_received_at FROM chosen_series(ARRAY[:?sensor_id::text], NULL, NULL) JOIN series_activity USING (series_id)
        UNION ALL
        SELECT :?sensor_id::text, last_received_at
        FROM pending_hours('-infinity', 'infinity', ARRAY(SELECT series_id FROM chosen_series(ARRAY[:?sensor_id::text], NULL, NULL)))
    ) AS part
    HAVING count(*) > 0
), retired AS (
    INSERT INTO retired_sensor (tenant, sensor_id, retired_at) SELECT current_setting('pipeline.tenant'), sensor_id, retired_at FROM known WHERE :?retired::boolean
    ON CONFLICT (tenant, sensor_id) DO UPDATE SET retired_at = excluded.retired_at
    RETURNING retired_at
), told AS (
    INSERT INTO alert_change (change_id, tenant, kind, rule_id, sensor_id) SELECT next_alert_change(), current_setting('pipeline.tenant'), 'retire', 0, :?sensor_id::text FROM retired
), returned AS (
    DELETE FROM retired_sensor WHERE NOT :?retired::boolean AND sensor_id IN (SELECT sensor_id FROM known)
)
SELECT CASE WHEN NOT EXISTS (SELECT FROM known) THEN :?sensor_id::text END AS unknown,
    (SELECT row_to_json(answer)::text
     FROM (SELECT 'success' AS status, row_to_json(sensor) AS data
           FROM (SELECT :?sensor_id::text AS sensor_id, (SELECT iso_8601(retired_at) FROM retired) AS retired_at) AS sensor) AS answer) AS answer
