-- Saves a channel, as a new one if it has no id.
SELECT unknown, taken, missing, "full", row_to_json(answer)::text AS answer
FROM save_alert_channel(:?channel_id::bigint, :?name::text, :?definition::text, :?columns::text, :?secret::text) AS result, LATERAL (SELECT 'success' AS status, saved AS data) AS answer
