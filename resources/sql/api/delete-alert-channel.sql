-- Deletes a channel.
SELECT unknown, needed, row_to_json(answer)::text AS answer FROM delete_alert_channel(:?channel_id::bigint) AS result, LATERAL (SELECT 'success' AS status, deleted AS data) AS answer
