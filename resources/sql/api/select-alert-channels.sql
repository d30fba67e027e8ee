-- Selects all channels, by name.
SELECT row_to_json(answer)::text AS answer
FROM (SELECT 'success' AS status, count(*) AS count, coalesce(json_agg(alert_channel_json(channel) ORDER BY name), '[]') AS data FROM alert_channel AS channel) AS answer
