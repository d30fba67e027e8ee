-- Claims the message that a channel has to deliver now, or a test, with what people are told beside it: the names and units of its metrics, and the time zones of its rules; no row if there is none.
SELECT message.message_id::text AS message_id, message.body::text AS body, json_build_object(
    'metrics', (SELECT json_object_agg(metric, json_build_object('name', display_name, 'unit', unit)) FROM metric_declaration AS declared
                WHERE declared.tenant = message.tenant AND metric IN (SELECT alert ->> 'metric' FROM json_array_elements(message.body -> 'data' -> 'alerts') AS alert)),
    'rules', (SELECT json_object_agg(rule_id, json_build_object('tz', definition -> 'schedule' ->> 'tz', 'is_rate', definition ->> 'rate' IS NOT NULL)) FROM alert_rule AS rule
              WHERE rule.tenant = message.tenant AND rule_id IN (SELECT (alert ->> 'rule_id')::bigint FROM json_array_elements(message.body -> 'data' -> 'alerts') AS alert)))::text AS known
FROM claim_alert_message(:?channel_id::bigint, :?is_quiet::boolean, :?is_test::boolean) AS message
