-- The number of each series given, with its position in the list.
SELECT given.position, series.series_id
FROM jsonb_to_recordset(:?series::jsonb) AS given (position integer, tenant text, sensor_id text, location text, metrics text[])
JOIN series ON series.fingerprint = series_fingerprint(given.tenant, given.sensor_id, given.location, given.metrics)
