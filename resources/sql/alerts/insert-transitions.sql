-- Stores transitions as events of their alerts, each once, what the last of them makes of each alert, and what channels have to tell of them. What people did about alerts is stored already,
-- by the request for it. An alert that becomes more severe than it was when it was acknowledged is no longer acknowledged, and one that becomes more severe is no longer shelved.
-- An alert that was deleted stays so.
WITH given AS MATERIALIZED (
    SELECT given.tenant, event_id, kind, revision, at, place, given.alert, shown.*
    FROM ROWS FROM (json_to_recordset(:?transitions::json) AS (tenant text, event_id text, kind text, revision integer, at timestamptz, alert json)) WITH ORDINALITY
             AS given (tenant, event_id, kind, revision, at, alert, place),
         json_to_record(given.alert) AS shown (id uuid, rule_id bigint, rule text, severity text, sensor_id text, location text, metric text, value float8, state text, late boolean,
             flapping boolean, latched boolean, started_at timestamptz, fired_at timestamptz, cleared_at timestamptz, came_back_at timestamptz, message text)
    WHERE NOT EXISTS (SELECT FROM alert_deleted WHERE alert_deleted.alert_id = shown.id)
), events AS (
    INSERT INTO alert_event (alert_id, event_id, tenant, kind, at, revision, severity, value)
    SELECT id, event_id, tenant, kind, at, revision, severity, value FROM given
    ON CONFLICT (alert_id, event_id) DO NOTHING
    RETURNING alert_id, event_id
), last AS (
    SELECT DISTINCT ON (id) * FROM given ORDER BY id, revision DESC
), alerts AS (
    INSERT INTO alert (alert_id, tenant, rule_id, rule, severity, sensor_id, location, metric, value, state, late, flapping, latched, started_at, fired_at, cleared_at, came_back_at, message, revision)
    SELECT id, tenant, rule_id, rule, severity, sensor_id, location, metric, value, state, late, flapping, coalesce(latched, false), started_at, fired_at, cleared_at, came_back_at, message, revision FROM last
    ON CONFLICT (alert_id) DO UPDATE SET severity = excluded.severity, location = excluded.location, value = excluded.value, state = excluded.state, flapping = excluded.flapping, latched = excluded.latched,
        cleared_at = excluded.cleared_at, came_back_at = coalesce(excluded.came_back_at, alert.came_back_at), message = excluded.message, revision = excluded.revision, stored_at = now(),
        shelved_until = CASE WHEN severity_rank(excluded.severity) <= severity_rank(alert.severity) THEN alert.shelved_until END,
        (acknowledged_by, acknowledged_at, acknowledged_comment, acknowledged_severity) =
            (SELECT alert.acknowledged_by, alert.acknowledged_at, alert.acknowledged_comment, alert.acknowledged_severity
             WHERE severity_rank(excluded.severity) <= severity_rank(alert.acknowledged_severity))
    WHERE excluded.revision > alert.revision AND alert.cleared_by IS NULL
), compared AS (
    SELECT given.place, given.tenant, given.event_id, given.kind, given.alert,
           severity_rank(given.severity) > severity_rank(coalesce(lag(given.severity) OVER (PARTITION BY given.id ORDER BY given.revision), alert.severity)) AS is_worse
    FROM given LEFT JOIN alert ON alert.alert_id = given.id
)
-- What people cleared is stored as an event already.
SELECT add_alert_notices(coalesce(json_agg(compared), '[]')) FROM compared LEFT JOIN events ON events.alert_id = (compared.alert ->> 'id')::uuid AND events.event_id = compared.event_id
WHERE events.event_id IS NOT NULL OR compared.kind = 'cleared' AND compared.event_id LIKE 'change-%'
