-- Selects the number of each given series, with its position in the list and the time of its newest reading in microseconds since 1970.
SELECT given.position, series.series_id, (extract(epoch FROM newest.at) * 1000000)::bigint AS newest
FROM jsonb_to_recordset(:?series::jsonb) AS given (position integer, tenant text, sensor_id text, location text, metrics text[])
JOIN series ON series.fingerprint = series_fingerprint(given.tenant, given.sensor_id, given.location, given.metrics)
LEFT JOIN LATERAL (
    SELECT at FROM reading WHERE reading.series_id = series.series_id ORDER BY at DESC LIMIT 1
) AS newest ON true
