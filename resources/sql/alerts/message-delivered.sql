-- Records that a message is delivered; "is_news" is true if its channel has failed since it last delivered one. A test is no news.
WITH before AS MATERIALIZED (
    SELECT channel.tenant, channel.name, NOT message.is_test AND channel.failed_at > coalesce(channel.delivered_at, '-infinity') AS is_news
    FROM alert_message AS message JOIN alert_channel AS channel USING (channel_id) WHERE message_id = :?message_id::uuid
)
SELECT tenant, name, is_news, NULL AS reason, alert_message_delivered(:?message_id::uuid) FROM before
