-- A channel as the REST API shows it: what its author wrote, before that its id and version, and after it how it does.
CREATE OR REPLACE FUNCTION alert_channel_json(channel alert_channel) RETURNS json
LANGUAGE sql STABLE AS $$
    SELECT ('{"id":' || channel.channel_id || ',"version":' || channel.version || ',"created_at":"' || iso_8601(channel.created_at) || '","changed_at":"' || iso_8601(channel.changed_at) || '",'
        || substr(left(channel.definition::text, -1), 2)
        || ',"status":' || row_to_json(status) || '}')::json
    FROM (SELECT iso_8601(channel.delivered_at) AS delivered_at, iso_8601(channel.failing_since) AS failing_since, channel.error AS error,
                 (SELECT count(*) FROM alert_notice LEFT JOIN alert_message USING (message_id)
                  WHERE alert_notice.channel_id = channel.channel_id AND alert_notice.due_at <= now() AND alert_message.delivered_at IS NULL AND alert_message.given_up_at IS NULL) AS waiting,
                 given_up.*,
                 CASE WHEN channel.acknowledged_at IS NOT NULL THEN json_build_object('by', channel.acknowledged_by, 'at', iso_8601(channel.acknowledged_at)) END AS acknowledged,
                 (SELECT json_build_object('requested_at', iso_8601(created_at), 'delivered_at', iso_8601(delivered_at), 'failed_at', iso_8601(given_up_at), 'error', error)
                  FROM alert_message WHERE channel_id = channel.channel_id AND is_test ORDER BY created_at DESC LIMIT 1) AS test
          FROM (SELECT count(*) AS given_up, iso_8601(max(given_up_at)) AS given_up_at FROM alert_message
                WHERE channel_id = channel.channel_id AND NOT is_test AND given_up_at > coalesce(channel.acknowledged_through, '-infinity')) AS given_up) AS status
$$;
