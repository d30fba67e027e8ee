-- Deletes a channel; "other_version" is its version if it is none of those that are to be deleted.
SELECT unknown, other_version, needed, row_to_json(answer)::text AS answer FROM delete_alert_channel(:?channel_id::bigint, :?versions::bigint[]) AS result, LATERAL (SELECT 'success' AS status, deleted AS data) AS answer
