-- Adds what channels have to tell of transitions, in their order, and returns how many transitions there were. Nobody is told of alerts that are late, or that become less severe; while an alert
-- is acknowledged, nobody is told that it comes back, and while it is shelved, only that it is over.
CREATE OR REPLACE FUNCTION add_alert_notices(transitions json) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    transition record;
BEGIN
    FOR transition IN
        SELECT given.*, (given.alert ->> 'id')::uuid AS id, (given.alert ->> 'shelved_until')::timestamptz AS shelved_until
        FROM json_to_recordset(transitions) AS given (place bigint, tenant text, event_id text, kind text, is_worse boolean, alert json)
        WHERE NOT (given.alert ->> 'late')::boolean AND EXISTS (SELECT FROM alert_channel WHERE alert_channel.tenant = given.tenant)
        ORDER BY place
    LOOP
        IF transition.kind = 'cleared' THEN
            INSERT INTO alert_notice (channel_id, tenant, alert_id, event_id, kind, alert)
            SELECT channel.channel_id, transition.tenant, transition.id, transition.event_id, 'cleared', transition.alert FROM alert_channel AS channel
            WHERE channel.tenant = transition.tenant AND channel.tells_cleared
              AND EXISTS (SELECT FROM alert_notice AS told WHERE told.channel_id = channel.channel_id AND told.alert_id = transition.id AND told.kind <> 'cleared'
                          AND (told.message_id IS NOT NULL OR NOT told.if_open))
            ON CONFLICT DO NOTHING;
        ELSIF (transition.kind IN ('fired', 'reopened') OR transition.kind = 'changed' AND transition.is_worse) AND transition.alert ->> 'acknowledged' IS NULL THEN
            INSERT INTO alert_notice (channel_id, tenant, alert_id, event_id, kind, alert, if_open, due_at)
            SELECT channel.channel_id, transition.tenant, transition.id, transition.event_id, transition.kind, transition.alert,
                   channel.delay IS NOT NULL OR coalesce(transition.shelved_until > now(), false), greatest(now() + coalesce(channel.delay, '0'), transition.shelved_until)
            FROM alert_channel AS channel
            WHERE channel.tenant = transition.tenant AND channel.fallback_for IS NULL AND tells_of(channel, transition.alert)
              -- Whoever is told later is told once.
              AND (channel.delay IS NULL OR NOT EXISTS (SELECT FROM alert_notice AS waiting WHERE waiting.channel_id = channel.channel_id AND waiting.alert_id = transition.id
                                                        AND waiting.message_id IS NULL))
            ON CONFLICT DO NOTHING;
        END IF;
    END LOOP;
    RETURN json_array_length(transitions);
END $$;
