-- Deletes a channel, and what it still has to tell; "unknown" is its id if there is no such channel.
WITH found AS (
    SELECT alert_channel_json(channel) AS deleted FROM alert_channel AS channel WHERE channel_id = :?channel_id::bigint
), gone AS (
    DELETE FROM alert_channel WHERE channel_id = :?channel_id::bigint
)
SELECT CASE WHEN answer.data IS NULL THEN :?channel_id::bigint END AS unknown, row_to_json(answer)::text AS answer
FROM (SELECT 'success' AS status, (SELECT deleted FROM found) AS data) AS answer
