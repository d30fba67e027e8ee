-- Has a channel tell that this is a test; "unknown" is its id if there is no such channel. A message that waits for its next attempt is tried at once, because the test follows it.
CREATE OR REPLACE FUNCTION test_alert_channel(wanted_id bigint, OUT tested json, OUT unknown bigint)
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO alert_notice (channel_id, tenant, event_id, kind) SELECT channel_id, tenant, 'test-' || gen_random_uuid(), 'test' FROM alert_channel WHERE channel_id = wanted_id;
    UPDATE alert_message SET next_attempt_at = now() WHERE channel_id = wanted_id AND delivered_at IS NULL AND given_up_at IS NULL AND next_attempt_at > now();
    tested := (SELECT alert_channel_json(channel) FROM alert_channel AS channel WHERE channel_id = wanted_id);
    unknown := CASE WHEN tested IS NULL THEN wanted_id END;
END $$;
