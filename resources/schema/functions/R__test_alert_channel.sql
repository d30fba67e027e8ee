-- Has a channel deliver a test, beside what else it has to tell; "unknown" is its id if there is no such channel.
CREATE OR REPLACE FUNCTION test_alert_channel(wanted_id bigint, OUT tested json, OUT unknown bigint)
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO alert_message (channel_id, tenant, body, is_test)
    SELECT channel_id, tenant, alert_message_json(channel, is_test => true), true FROM alert_channel AS channel WHERE channel_id = wanted_id;
    tested := (SELECT alert_channel_json(channel) FROM alert_channel AS channel WHERE channel_id = wanted_id);
    unknown := CASE WHEN tested IS NULL THEN wanted_id END;
END $$;
