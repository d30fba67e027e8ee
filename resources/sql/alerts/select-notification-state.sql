-- Selects how many messages wait for their delivery, and how many channels fail.
SELECT (SELECT count(*) FROM alert_notice LEFT JOIN alert_message USING (message_id)
        WHERE alert_notice.due_at <= now() AND (alert_notice.message_id IS NULL OR alert_message.delivered_at IS NULL AND alert_message.given_up_at IS NULL)) AS waiting,
       (SELECT count(*) FROM alert_channel WHERE failing_since IS NOT NULL) AS failing
