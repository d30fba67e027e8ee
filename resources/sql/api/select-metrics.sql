-- Selects the metrics of some sensors, by name.
SELECT DISTINCT metric COLLATE "C" AS metric
FROM series, unnest(metrics) AS metric
WHERE (:?sensor_id::text[] IS NULL OR sensor_id = ANY (:?sensor_id::text[]))
  AND (:?location::text[] IS NULL OR location = ANY (:?location::text[]))
  AND (:?metric::text IS NULL OR metric = :?metric::text)
ORDER BY metric
