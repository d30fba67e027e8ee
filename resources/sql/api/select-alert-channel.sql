-- Selects a channel and its version; "unknown" is its id if there is no such channel.
SELECT CASE WHEN answer.data IS NULL THEN :?channel_id::bigint END AS unknown, answer.data ->> 'version' AS version, row_to_json(answer)::text AS answer
FROM (SELECT 'success' AS status, (SELECT alert_channel_json(channel) FROM alert_channel AS channel WHERE channel_id = :?channel_id::bigint) AS data) AS answer
