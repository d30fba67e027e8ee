-- Adds what channels have to tell of transitions, in their order, and returns how many notices that makes. Nobody is told of alerts that are late, or that become less severe. While an alert is
-- acknowledged, that it comes back is told only to whom it was told that it is over; while it is shelved, only that it is over. That the condition of a latched alert ends, or is back, is not told.
CREATE OR REPLACE FUNCTION add_alert_notices(transitions json) RETURNS bigint
LANGUAGE sql AS $$
    WITH given AS MATERIALIZED (
        SELECT transition.place, transition.tenant, transition.event_id,
               CASE transition.kind WHEN 'resumed' THEN 'changed' ELSE transition.kind END AS kind, transition.is_worse, transition.alert, shown.*, transition.alert ->> 'acknowledged' IS NOT NULL AS is_known
        FROM json_to_recordset(transitions) AS transition (place bigint, tenant text, event_id text, kind text, is_worse boolean, alert json),
             json_to_record(transition.alert) AS shown (id uuid, severity text, rule text, sensor_id text, location text, late boolean, shelved_until timestamptz)
        WHERE NOT shown.late
    ), firing AS MATERIALIZED (
        SELECT given.*, channel.channel_id, channel.delay IS NOT NULL OR coalesce(given.shelved_until > now(), false) AS if_open,
               greatest(now() + coalesce(channel.delay, '0'), given.shelved_until) AS due_at,
               -- Whoever is told later is told once.
               channel.delay IS NULL OR row_number() OVER (PARTITION BY channel.channel_id, given.id ORDER BY place) = 1
               AND NOT EXISTS (SELECT FROM alert_notice AS waiting WHERE waiting.channel_id = channel.channel_id AND waiting.alert_id = given.id AND waiting.message_id IS NULL) AS is_first
        FROM given JOIN alert_channel AS channel ON channel.tenant = given.tenant AND channel.fallback_for IS NULL
             AND tells_of(channel, given.severity, given.rule, given.sensor_id, given.location)
        WHERE given.kind = 'fired' AND NOT given.is_known OR given.kind = 'changed' AND given.is_worse AND NOT given.is_known
           OR given.kind = 'reopened' AND (NOT given.is_known OR channel.tells_cleared AND channel.delay IS NULL)
    ), told AS (
        SELECT place, channel_id, tenant, id, event_id, kind, alert, if_open, due_at FROM firing WHERE is_first
        UNION ALL
        SELECT given.place, channel.channel_id, given.tenant, given.id, given.event_id, given.kind, given.alert, false, now()
        FROM given JOIN alert_channel AS channel ON channel.tenant = given.tenant AND channel.tells_cleared
        WHERE given.kind = 'cleared'
          AND (EXISTS (SELECT FROM firing WHERE firing.channel_id = channel.channel_id AND firing.id = given.id AND firing.place < given.place AND firing.is_first AND NOT firing.if_open)
               OR EXISTS (SELECT FROM alert_notice AS known WHERE known.channel_id = channel.channel_id AND known.alert_id = given.id AND known.kind <> 'cleared'
                          AND (known.message_id IS NOT NULL OR NOT known.if_open)))
    ), added AS (
        INSERT INTO alert_notice (channel_id, tenant, alert_id, event_id, kind, alert, if_open, due_at)
        SELECT channel_id, tenant, id, event_id, kind, alert, if_open, due_at FROM told ORDER BY place
        ON CONFLICT DO NOTHING
        RETURNING 1
    )
    SELECT count(*) FROM added
$$;
