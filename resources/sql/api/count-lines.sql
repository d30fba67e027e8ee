-- Counts the lines of a chart: one per sensor and location, or per location, that has the metric.
SELECT count(*) AS lines
FROM (
    SELECT DISTINCT CASE WHEN :?by::text = 'sensor' THEN sensor_id END AS sensor_id, location
    FROM series
    WHERE :?metric::text = ANY (metrics)
      AND (:?sensor_id::text[] IS NULL OR sensor_id = ANY (:?sensor_id::text[]))
      AND (:?location::text[] IS NULL OR location = ANY (:?location::text[]))
) AS line
