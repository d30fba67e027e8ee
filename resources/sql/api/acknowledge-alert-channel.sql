-- Records who knows of the messages that a channel has given up.
SELECT unknown, row_to_json(answer)::text AS answer
FROM acknowledge_alert_channel(:?channel_id::bigint, :?by::text, :?through::timestamptz) AS result, LATERAL (SELECT 'success' AS status, acknowledged AS data) AS answer
