-- Makes the next message of a channel, of all that is due; null if nothing is, or not yet: in quiet hours, what is due waits for their end, and in a storm of alerts there is a message every ten
-- seconds. It shows the most severe alerts, and counts all.
CREATE OR REPLACE FUNCTION new_alert_message(channel alert_channel, is_quiet boolean) RETURNS alert_message
LANGUAGE plpgsql AS $$
DECLARE
    storm_span CONSTANT interval := '10 seconds';
    storm_size CONSTANT integer := 100;
    message alert_message;
    recent bigint;
    waiting bigint;
BEGIN
    SELECT coalesce(sum((body -> 'data' ->> 'count')::bigint), 0) INTO recent FROM alert_message WHERE channel_id = channel.channel_id AND created_at > now() - storm_span;
    IF recent > storm_size THEN
        RETURN NULL;
    END IF;
    UPDATE alert_notice AS notice SET due_at = alert.shelved_until FROM alert
    WHERE notice.channel_id = channel.channel_id AND notice.message_id IS NULL AND notice.due_at <= now() AND notice.if_open AND alert.alert_id = notice.alert_id AND alert.shelved_until > now();
    DELETE FROM alert_notice AS notice USING alert
    WHERE notice.channel_id = channel.channel_id AND notice.message_id IS NULL AND notice.due_at <= now() AND notice.if_open AND alert.alert_id = notice.alert_id
      AND (alert.state = 'cleared' OR alert.acknowledged_at IS NOT NULL);
    IF is_quiet THEN
        -- Quiet hours end with a minute.
        UPDATE alert_notice SET due_at = date_trunc('minute', now()) + interval '1 minute', if_open = kind <> 'cleared'
        WHERE channel_id = channel.channel_id AND message_id IS NULL AND due_at <= now();
        -- Of what happened in between, only the last matters.
        DELETE FROM alert_notice AS notice WHERE notice.channel_id = channel.channel_id AND notice.message_id IS NULL
          AND EXISTS (SELECT FROM alert_notice AS later WHERE later.channel_id = channel.channel_id AND later.alert_id = notice.alert_id AND later.message_id IS NULL
                      AND later.notice_id > notice.notice_id AND later.due_at <= notice.due_at);
    END IF;
    -- Nobody has to know that something is over that he was not told of.
    DELETE FROM alert_notice AS notice WHERE notice.channel_id = channel.channel_id AND notice.message_id IS NULL AND notice.kind = 'cleared'
      AND NOT EXISTS (SELECT FROM alert_notice AS known WHERE known.channel_id = channel.channel_id AND known.alert_id = notice.alert_id AND known.kind <> 'cleared'
                      AND (known.message_id IS NOT NULL OR NOT known.if_open));
    SELECT count(*) INTO waiting FROM alert_notice WHERE channel_id = channel.channel_id AND message_id IS NULL AND due_at <= now();
    IF waiting = 0 OR recent > 0 AND waiting + recent > storm_size THEN
        RETURN NULL;
    END IF;
    message.message_id := gen_random_uuid();
    WITH told AS (
        UPDATE alert_notice SET message_id = message.message_id WHERE channel_id = channel.channel_id AND alert_notice.message_id IS NULL AND due_at <= now()
        RETURNING notice_id, kind, alert, alert_id, if_open
    ), events AS MATERIALIZED (
        -- Who is told later that an alert is open has to know if its condition is over.
        SELECT notice_id, kind, CASE WHEN told.alert IS NULL OR told.if_open AND present.latched THEN alert_json(present) ELSE told.alert END AS shown FROM told LEFT JOIN alert AS present USING (alert_id)
    ), first AS (
        SELECT * FROM events ORDER BY kind = 'cleared', severity_rank(shown ->> 'severity') DESC, notice_id DESC LIMIT storm_size
    ), counts AS (
        SELECT count(*) AS "all", count(*) FILTER (WHERE kind = 'cleared') AS cleared,
               count(*) FILTER (WHERE kind <> 'cleared' AND shown ->> 'severity' = 'critical') AS critical,
               count(*) FILTER (WHERE kind <> 'cleared' AND shown ->> 'severity' = 'warning') AS warning,
               count(*) FILTER (WHERE kind <> 'cleared' AND shown ->> 'severity' = 'info') AS info
        FROM events
    )
    SELECT alert_message_json(channel, false, counts."all" > storm_size, counts."all", counts.critical, counts.warning, counts.info, counts.cleared,
               coalesce((SELECT json_agg(('{"event":"' || kind || '",' || substr(shown::text, 2))::json ORDER BY notice_id) FROM first), '[]'))
    INTO message.body FROM counts;
    INSERT INTO alert_message (message_id, channel_id, tenant, body) VALUES (message.message_id, channel.channel_id, channel.tenant, message.body) RETURNING * INTO message;
    RETURN message;
END $$;
