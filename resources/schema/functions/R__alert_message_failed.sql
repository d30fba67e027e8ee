-- Records that an attempt to deliver a message has failed. The next one follows after a time that doubles, up to five minutes, and differs by chance, so that many channels do not try at once;
-- after so many hours, the message is given up. A test is given up at once, and says nothing of its channel.
CREATE OR REPLACE FUNCTION alert_message_failed(failed uuid, reason text, retry_hours integer) RETURNS void
LANGUAGE sql AS $$
    UPDATE alert_message SET leased_until = NULL, next_attempt_at = now() + least(2 ^ least(attempts - 1, 10), 300) * (0.75 + random() / 2) * interval '1 second',
        given_up_at = CASE WHEN is_test OR created_at < now() - retry_hours * interval '1 hour' THEN now() END, error = CASE WHEN is_test THEN reason END
    WHERE message_id = failed AND delivered_at IS NULL;
    UPDATE alert_channel AS channel SET failing_since = coalesce(failing_since, now()), error = reason, failed_at = now() FROM alert_message AS message
    WHERE message.message_id = failed AND NOT message.is_test AND channel.channel_id = message.channel_id;
$$;
