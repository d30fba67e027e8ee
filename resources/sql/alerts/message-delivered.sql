-- Records that a message is delivered; "is_news" is true if its channel failed before.
WITH before AS MATERIALIZED (
    SELECT channel.tenant, channel.name, channel.failing_since IS NOT NULL AS is_news FROM alert_message JOIN alert_channel AS channel USING (channel_id) WHERE message_id = :?message_id::uuid
)
SELECT tenant, name, is_news, NULL AS reason, alert_message_delivered(:?message_id::uuid) FROM before
