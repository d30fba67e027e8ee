-- Selects an alert with its history, the oldest event first; "unknown" is its id if there is no such alert.
WITH shown AS (SELECT * FROM alert WHERE alert_id = :?id::uuid), history AS (
    SELECT kind, iso_8601(at) AS at, severity, value, "by", comment, iso_8601(until) AS until,
           -- A change that people made to something else than the alert.
           CASE WHEN kind = 'cleared' AND event_id ~ '^change-[0-9]{1,18}$' THEN (
               SELECT CASE WHEN change.kind = 'retire' THEN 'sensor_retired' WHEN definition IS NULL THEN 'rule_deleted' ELSE 'rule_changed' END
               FROM alert_change AS change WHERE change_id = substr(event_id, 8)::bigint AND change.kind IN ('rule', 'retire')) END AS reason
    FROM alert_event WHERE alert_id = :?id::uuid ORDER BY revision, recorded_at, at
)
SELECT CASE WHEN NOT EXISTS (SELECT FROM shown) THEN :?id::text END AS unknown,
    (SELECT jsonb_build_object('status', 'success', 'data', alert_json(shown)::jsonb || jsonb_build_object('history', (SELECT coalesce(jsonb_agg(history), '[]') FROM history)))::text
     FROM shown) AS answer
