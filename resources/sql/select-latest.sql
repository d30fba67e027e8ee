-- Newest readings first; at most "limit" readings of each series are touched, however many there are.
SELECT json_build_object('status', 'success', 'count', count(*),
    'data', coalesce(json_agg(reading_json(sensor_id, location, at, received_at, metrics, "values", attributes)
                              ORDER BY at DESC, sensor_id, location), '[]'))::text AS answer
FROM (
    SELECT s.sensor_id, s.location, s.metrics, r.at, r.received_at, r."values", r.attributes
    FROM series s
    CROSS JOIN LATERAL (
        SELECT * FROM reading WHERE reading.series_id = s.series_id
        ORDER BY reading.at DESC LIMIT :?limit::integer
    ) AS r
    WHERE (:?sensor_id::text IS NULL OR s.sensor_id = :?sensor_id::text)
      AND (:?location::text IS NULL OR s.location = :?location::text)
    ORDER BY r.at DESC, s.sensor_id, s.location LIMIT :?limit::integer
) AS newest
