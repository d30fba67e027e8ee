-- Selects the newest reading of each series that some batches stored or added to; if they are too many or too large, those with the newest times.
SELECT series_id, sensor_id, location, metrics, at, received_at, "values", attributes
FROM (
    SELECT *, sum(octet_length(metrics::text) + octet_length("values") + coalesce(octet_length(attributes), 0)) OVER (ORDER BY at DESC ROWS UNBOUNDED PRECEDING) AS bytes,
           row_number() OVER (ORDER BY at DESC) AS place
    FROM (
        SELECT DISTINCT ON (series_id) series_id, sensor_id, location, metrics, microseconds(at) AS at, microseconds(received_at) AS received_at,
               "values"::text, attributes::text
        FROM (
            SELECT series_id, at, received_at, "values", attributes FROM reading
            WHERE batch_id = ANY (:?batches::bigint[])
              AND batch_id >= (SELECT min(batch) FROM unnest(:?batches::bigint[]) AS batch)
              AND reading.at >= (SELECT min(first_at) FROM batch WHERE batch_id = ANY (:?batches::bigint[]))
              AND reading.at <= (SELECT max(last_at) FROM batch WHERE batch_id = ANY (:?batches::bigint[]))
            UNION ALL
            SELECT completed.* FROM batch CROSS JOIN LATERAL unnest(completed_series, completed_times) AS added (series_id, at)
            -- OFFSET 0 keeps the planner from reading the whole table to join it.
            CROSS JOIN LATERAL (SELECT series_id, at, received_at, "values", attributes FROM reading
                                WHERE reading.series_id = added.series_id AND reading.at = added.at OFFSET 0) AS completed
            WHERE batch_id = ANY (:?batches::bigint[])
        ) AS changed JOIN series USING (series_id)
        ORDER BY series_id, changed.at DESC
    ) AS newest
    ORDER BY at DESC LIMIT 500
) AS newest
WHERE bytes < 8000000 OR place = 1
ORDER BY at DESC
