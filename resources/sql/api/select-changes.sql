-- Selects the newest reading of each series that some batches stored or added to; if they are too many or too large, those with the newest times.
SELECT series_id, sensor_id, location, metrics, at, received_at, "values", attributes
FROM (
    SELECT *, sum(octet_length(metrics::text) + octet_length("values") + coalesce(octet_length(attributes), 0)) OVER (ORDER BY place) AS bytes
    FROM (
        SELECT series_id, sensor_id, location, metrics, microseconds(at) AS at, microseconds(received_at) AS received_at, "values"::text, attributes::text, place
        FROM newest_of_batches(:?batches::bigint[], 500) WITH ORDINALITY AS newest (series_id, sensor_id, location, metrics, at, received_at, "values", attributes, place)
    ) AS newest
) AS newest
WHERE bytes < 8000000 OR place = 1
ORDER BY place
