-- The metrics that some sensors have, in the order of their names.
SELECT DISTINCT metric COLLATE "C" AS metric
FROM series, unnest(metrics) AS metric
WHERE (:?sensor_id::text[] IS NULL OR sensor_id = ANY (:?sensor_id::text[]))
  AND (:?location::text[] IS NULL OR location = ANY (:?location::text[]))
  AND (:?metric::text IS NULL OR metric = :?metric::text)
ORDER BY metric
