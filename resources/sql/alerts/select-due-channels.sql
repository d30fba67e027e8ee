-- Selects the channels that have something to tell now, or a test to deliver. A tenant has a few attempts under way at the same time, a few more with channels that failed before, and as many tests: so
-- neither those nor other tenants delay a channel that works.
WITH due AS (
    SELECT channel.channel_id, false AS is_test
    FROM alert_channel AS channel
         LEFT JOIN alert_message AS message ON message.channel_id = channel.channel_id AND message.delivered_at IS NULL AND message.given_up_at IS NULL AND NOT message.is_test
    WHERE CASE WHEN message.message_id IS NULL
               THEN EXISTS (SELECT FROM alert_notice AS notice WHERE notice.channel_id = channel.channel_id AND notice.message_id IS NULL AND notice.due_at <= now())
               ELSE message.next_attempt_at <= now() AND coalesce(message.leased_until <= now(), true) END
    UNION ALL
    SELECT channel_id, true FROM alert_message WHERE delivered_at IS NULL AND given_up_at IS NULL AND is_test
    GROUP BY channel_id HAVING bool_and(coalesce(leased_until <= now(), true))
), placed AS (
    SELECT channel.*, due.is_test, row_number() OVER (PARTITION BY channel.tenant, due.is_test, channel.failing_since IS NULL ORDER BY random())
           + (SELECT count(*) FROM alert_message AS other JOIN alert_channel AS busy USING (channel_id)
              WHERE other.tenant = channel.tenant AND other.leased_until > now() AND other.is_test = due.is_test AND (busy.failing_since IS NULL) = (channel.failing_since IS NULL)) AS place
    FROM due JOIN alert_channel AS channel USING (channel_id)
)
SELECT placed.channel_id, placed.tenant, placed.definition::text AS definition, secret.secret, placed.is_test FROM placed LEFT JOIN alert_channel_secret AS secret USING (channel_id)
WHERE place <= CASE WHEN failing_since IS NULL THEN 8 ELSE 4 END ORDER BY failing_since IS NOT NULL
