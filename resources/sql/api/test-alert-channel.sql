-- Has a channel deliver a test.
SELECT unknown, row_to_json(answer)::text AS answer FROM test_alert_channel(:?channel_id::bigint) AS result, LATERAL (SELECT 'success' AS status, tested AS data) AS answer
