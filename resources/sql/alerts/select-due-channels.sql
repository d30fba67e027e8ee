-- Selects the channels that have something to tell now. A tenant whose channels hang has a few of the attempts under way, so that others do not wait for it.
WITH due AS (
    SELECT channel.channel_id, channel.tenant, channel.definition, secret.secret
    FROM alert_channel AS channel LEFT JOIN alert_channel_secret AS secret USING (channel_id)
         LEFT JOIN alert_message AS message ON message.channel_id = channel.channel_id AND message.delivered_at IS NULL AND message.given_up_at IS NULL
    WHERE CASE WHEN message.message_id IS NULL
               THEN EXISTS (SELECT FROM alert_notice AS notice WHERE notice.channel_id = channel.channel_id AND notice.message_id IS NULL AND notice.due_at <= now())
               ELSE message.next_attempt_at <= now() AND coalesce(message.leased_until <= now(), true) END
)
SELECT channel_id, tenant, definition::text AS definition, secret FROM (
    SELECT due.*, row_number() OVER (PARTITION BY tenant ORDER BY random()) + (SELECT count(*) FROM alert_message AS other WHERE other.tenant = due.tenant AND other.leased_until > now()) AS place
    FROM due
) AS placed WHERE place <= 4
