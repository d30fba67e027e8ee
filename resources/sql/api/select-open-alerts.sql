-- Counts open alerts by severity, and selects the most severe, of those the newest first, and the newest of all.
WITH open AS MATERIALIZED (
    SELECT alert_id, severity, fired_at FROM alert
    WHERE state = 'firing' AND acknowledged_at IS NULL AND (shelved_until IS NULL OR shelved_until <= now()) AND (:?sensor_id::text IS NULL OR sensor_id = :?sensor_id::text)
), listed AS (
    SELECT * FROM open ORDER BY severity_rank(severity) DESC, fired_at DESC, alert_id DESC LIMIT :?limit::integer
), newest AS (
    SELECT * FROM open ORDER BY fired_at DESC, alert_id DESC LIMIT 1
)
SELECT row_to_json(answer)::text AS answer
FROM (SELECT 'success' AS status, count(*) AS count, count(*) FILTER (WHERE severity = 'critical') AS critical, count(*) FILTER (WHERE severity = 'warning') AS warning,
          count(*) FILTER (WHERE severity = 'info') AS info,
          (SELECT alert_json(alert) FROM newest JOIN alert USING (alert_id)) AS newest,
          (SELECT coalesce(json_agg(alert_json(alert) ORDER BY severity_rank(alert.severity) DESC, alert.fired_at DESC, alert_id DESC), '[]') FROM listed JOIN alert USING (alert_id)) AS data
      FROM open) AS answer
