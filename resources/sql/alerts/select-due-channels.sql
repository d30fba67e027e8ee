-- Selects the channels that have something to tell now. A tenant has a few attempts under way at the same time, and a few more with channels that failed before: so neither those nor other tenants
-- delay a channel that works.
WITH due AS (
    SELECT channel.channel_id, channel.tenant, channel.definition, secret.secret, channel.failing_since IS NOT NULL AS is_failing
    FROM alert_channel AS channel LEFT JOIN alert_channel_secret AS secret USING (channel_id)
         LEFT JOIN alert_message AS message ON message.channel_id = channel.channel_id AND message.delivered_at IS NULL AND message.given_up_at IS NULL
    WHERE CASE WHEN message.message_id IS NULL
               THEN EXISTS (SELECT FROM alert_notice AS notice WHERE notice.channel_id = channel.channel_id AND notice.message_id IS NULL AND notice.due_at <= now())
               ELSE message.next_attempt_at <= now() AND coalesce(message.leased_until <= now(), true) END
), placed AS (
    SELECT due.*, row_number() OVER (PARTITION BY tenant, is_failing ORDER BY random())
           + (SELECT count(*) FROM alert_message AS other JOIN alert_channel AS busy USING (channel_id)
              WHERE other.tenant = due.tenant AND other.leased_until > now() AND (busy.failing_since IS NOT NULL) = due.is_failing) AS place
    FROM due
)
SELECT channel_id, tenant, definition::text AS definition, secret FROM placed WHERE place <= CASE WHEN is_failing THEN 4 ELSE 8 END ORDER BY is_failing
