-- Deletes at most so many messages that are delivered or given up for a week, and what was told by messages that are gone; but what was told of an alert stays while it is open, or its end is not
-- told yet. Returns how many.
CREATE OR REPLACE FUNCTION delete_old_messages(most integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    kept CONSTANT interval := '7 days';
    messages bigint;
    notices bigint;
BEGIN
    DELETE FROM alert_message WHERE message_id IN (SELECT message_id FROM alert_message WHERE greatest(delivered_at, given_up_at) < now() - kept LIMIT most);
    GET DIAGNOSTICS messages = ROW_COUNT;
    DELETE FROM alert_notice WHERE notice_id IN (
        SELECT notice_id FROM alert_notice AS notice
        WHERE notice.created_at < now() - kept AND notice.message_id IS NOT NULL
          AND NOT EXISTS (SELECT FROM alert_message WHERE alert_message.message_id = notice.message_id)
          AND NOT EXISTS (SELECT FROM alert WHERE alert.alert_id = notice.alert_id AND alert.state = 'firing')
          AND NOT EXISTS (SELECT FROM alert_notice AS other WHERE other.channel_id = notice.channel_id AND other.alert_id = notice.alert_id AND other.message_id IS NULL)
        ORDER BY notice_id LIMIT most);
    GET DIAGNOSTICS notices = ROW_COUNT;
    RETURN messages + notices;
END $$;
