-- Records who knows of the messages that a channel has given up, until a time or all; "unknown" is its id if there is no such channel. If all of them are known, who was first stays.
CREATE OR REPLACE FUNCTION acknowledge_alert_channel(wanted_id bigint, given_by text, given_through timestamptz, OUT acknowledged json, OUT unknown bigint)
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE alert_channel AS channel SET acknowledged_at = now(), acknowledged_by = given_by, acknowledged_through = known.through
    FROM (SELECT max(given_up_at) AS through FROM alert_message WHERE channel_id = wanted_id AND NOT is_test AND given_up_at <= coalesce(given_through, 'infinity')) AS known
    WHERE channel.channel_id = wanted_id AND known.through > coalesce(channel.acknowledged_through, '-infinity');
    acknowledged := (SELECT alert_channel_json(channel) FROM alert_channel AS channel WHERE channel_id = wanted_id);
    unknown := CASE WHEN acknowledged IS NULL THEN wanted_id END;
END $$;
