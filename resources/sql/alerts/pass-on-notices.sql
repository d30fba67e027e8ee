-- Has fallback channels tell what the channels they are for have not delivered, once those have failed for long enough.
INSERT INTO alert_notice (channel_id, tenant, alert_id, event_id, kind, alert)
SELECT fallback.channel_id, fallback.tenant, notice.alert_id, notice.event_id, notice.kind, coalesce(notice.alert, alert_json(present))
FROM alert_channel AS fallback JOIN alert_channel AS failing ON failing.tenant = fallback.tenant AND failing.name = ANY (fallback.fallback_for) AND failing.failing_since < now() - fallback.delay
     JOIN alert_notice AS notice ON notice.channel_id = failing.channel_id JOIN alert AS present USING (alert_id) LEFT JOIN alert_message AS message USING (message_id)
WHERE notice.due_at <= now() AND message.delivered_at IS NULL AND (message.given_up_at IS NULL OR message.given_up_at > failing.failing_since)
  AND NOT (notice.if_open AND (present.state = 'cleared' OR present.acknowledged_at IS NOT NULL)) AND tells_of(fallback, present.severity, present.rule, present.sensor_id, present.location)
  AND (notice.kind <> 'cleared' OR fallback.tells_cleared
       AND EXISTS (SELECT FROM alert_notice AS told WHERE told.channel_id = fallback.channel_id AND told.alert_id = notice.alert_id AND told.kind <> 'cleared'))
  AND NOT EXISTS (SELECT FROM alert_notice AS passed WHERE passed.channel_id = fallback.channel_id AND passed.alert_id = notice.alert_id AND passed.event_id = notice.event_id
                  AND passed.kind = notice.kind)
ORDER BY notice.notice_id
ON CONFLICT DO NOTHING
