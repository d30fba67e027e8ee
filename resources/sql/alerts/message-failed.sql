-- Records that an attempt to deliver a message has failed; "is_news" is true if its channel did not fail before. A test is no news.
WITH before AS MATERIALIZED (
    SELECT channel.tenant, channel.name, NOT message.is_test AND channel.failing_since IS NULL AS is_news
    FROM alert_message AS message JOIN alert_channel AS channel USING (channel_id) WHERE message_id = :?message_id::uuid
)
SELECT tenant, name, is_news, :?reason::text AS reason, alert_message_failed(:?message_id::uuid, :?reason::text, :?retry_hours::integer) FROM before
