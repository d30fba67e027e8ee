-- Selects the newest reading of each series in some batches; if they are too many or too large, those with the newest times.
SELECT series_id, sensor_id, location, metrics, at, received_at, "values", attributes
FROM (
    SELECT *, sum(octet_length(metrics::text) + octet_length("values") + coalesce(octet_length(attributes), 0)) OVER (ORDER BY at DESC ROWS UNBOUNDED PRECEDING) AS bytes
    FROM (
        SELECT DISTINCT ON (series_id) series_id, sensor_id, location, metrics, microseconds(at) AS at, microseconds(received_at) AS received_at,
               "values"::text, attributes::text
        FROM reading JOIN series USING (series_id)
        WHERE batch_id = ANY (:?batches::bigint[])
          AND batch_id >= (SELECT min(batch) FROM unnest(:?batches::bigint[]) AS batch)
          AND reading.at >= (SELECT min(first_at) FROM batch WHERE batch_id = ANY (:?batches::bigint[]))
          AND reading.at <= (SELECT max(last_at) FROM batch WHERE batch_id = ANY (:?batches::bigint[]))
        ORDER BY series_id, reading.at DESC
    ) AS newest
    ORDER BY at DESC LIMIT 500
) AS newest
-- A record has at most 1 MiB, so there is always at least one row.
WHERE bytes < 8000000
ORDER BY at DESC
