-- Deletes messages that are delivered or given up for a week, and what they told of alerts that are over.
WITH gone AS (
    DELETE FROM alert_message WHERE greatest(delivered_at, given_up_at) < now() - interval '7 days'
)
DELETE FROM alert_notice USING alert
WHERE alert_notice.created_at < now() - interval '8 days' AND alert_notice.message_id IS NOT NULL AND alert.alert_id = alert_notice.alert_id AND alert.state = 'cleared'
