-- Records that a message is delivered. What it tells is repeated later, if the channel wants that and nobody has acknowledged it by then. After a test, which shows that the channel works, what waits
-- for its next attempt is tried at once.
CREATE OR REPLACE FUNCTION alert_message_delivered(delivered uuid) RETURNS void
LANGUAGE sql AS $$
    UPDATE alert_message SET delivered_at = now(), leased_until = NULL WHERE message_id = delivered AND delivered_at IS NULL;
    UPDATE alert_channel AS channel SET delivered_at = now(), failing_since = NULL, error = NULL FROM alert_message AS message
    WHERE message.message_id = delivered AND NOT message.is_test AND channel.channel_id = message.channel_id;
    UPDATE alert_message AS waiting SET next_attempt_at = now() FROM alert_message AS test
    WHERE test.message_id = delivered AND test.is_test AND waiting.channel_id = test.channel_id AND NOT waiting.is_test AND waiting.delivered_at IS NULL AND waiting.given_up_at IS NULL
      AND waiting.next_attempt_at > now();
    INSERT INTO alert_notice (channel_id, tenant, alert_id, event_id, kind, if_open, due_at)
    SELECT DISTINCT channel.channel_id, channel.tenant, told.alert_id, delivered::text, 'repeated', true, now() + channel.repeats
    FROM alert_notice AS told JOIN alert_channel AS channel USING (channel_id) JOIN alert USING (alert_id)
    WHERE told.message_id = delivered AND told.kind <> 'cleared' AND channel.repeats IS NOT NULL AND alert.state = 'firing'
      AND NOT EXISTS (SELECT FROM alert_notice AS waiting WHERE waiting.channel_id = channel.channel_id AND waiting.alert_id = told.alert_id AND waiting.message_id IS NULL AND waiting.if_open)
    ON CONFLICT DO NOTHING;
$$;
