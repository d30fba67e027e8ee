-- Claims the message that a channel has to deliver now, or a test, for one attempt; without a result if there is none, or another program is at it. As long as one message is not delivered, there is
-- no other, so that their order is kept; only tests wait for nothing but each other.
DROP FUNCTION IF EXISTS claim_alert_message(bigint, boolean);
CREATE OR REPLACE FUNCTION claim_alert_message(wanted_channel bigint, is_quiet boolean, wants_test boolean DEFAULT false) RETURNS SETOF alert_message
LANGUAGE plpgsql AS $$
DECLARE
    lease CONSTANT interval := '1 minute';
    channel alert_channel;
    message alert_message;
BEGIN
    SELECT * INTO channel FROM alert_channel WHERE channel_id = wanted_channel FOR NO KEY UPDATE SKIP LOCKED;
    IF channel.channel_id IS NULL THEN
        RETURN;
    END IF;
    SELECT * INTO message FROM alert_message
    WHERE channel_id = wanted_channel AND delivered_at IS NULL AND given_up_at IS NULL AND is_test = wants_test ORDER BY leased_until DESC NULLS LAST, created_at LIMIT 1;
    IF message.message_id IS NULL THEN
        IF wants_test THEN
            RETURN;
        END IF;
        message := new_alert_message(channel, is_quiet);
    ELSIF is_quiet AND NOT wants_test THEN
        UPDATE alert_message SET next_attempt_at = now() + interval '1 minute' WHERE message_id = message.message_id AND leased_until IS NULL;
        RETURN;
    ELSIF message.next_attempt_at > now() OR message.leased_until > now() THEN
        RETURN;
    END IF;
    -- An expired lease is that of a program that was killed: an attempt ends sooner, and its outcome is recorded.
    RETURN QUERY UPDATE alert_message SET attempts = attempts + 1, leased_until = now() + lease WHERE message_id = message.message_id RETURNING *;
END $$;
