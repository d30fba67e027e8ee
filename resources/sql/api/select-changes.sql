-- Selects the newest reading of each series that some batches stored or added to; if they are too many or too large, those with the newest times.
SELECT series_id, sensor_id, location, metrics, at, received_at, "values", attributes
FROM (
    SELECT *, sum(octet_length(metrics::text) + octet_length("values") + coalesce(octet_length(attributes), 0)) OVER (ORDER BY at DESC ROWS UNBOUNDED PRECEDING) AS bytes,
           row_number() OVER (ORDER BY at DESC) AS place
    FROM (
        SELECT DISTINCT ON (series_id) series_id, sensor_id, location, metrics, microseconds(at) AS at, microseconds(received_at) AS received_at,
               "values"::text, attributes::text
        FROM readings_of_batches(:?batches::bigint[]) AS changed
        ORDER BY series_id, changed.at DESC
    ) AS newest
    ORDER BY at DESC LIMIT 500
) AS newest
WHERE bytes < 8000000 OR place = 1
ORDER BY at DESC
