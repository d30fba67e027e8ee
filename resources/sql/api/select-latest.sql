-- Selects the latest readings, newest first; those of a fast clock by time of receipt.
SELECT series_id, sensor_id, location, metrics, microseconds(at) AS at, microseconds(received_at) AS received_at, "values"::text, attributes::text
FROM newest_readings(:?sensor_id::text[], :?location::text[], :?metric::text, :?limit::integer) AS newest
ORDER BY sort_time(newest.at, newest.received_at) DESC, newest.at DESC, series_id DESC
LIMIT :?limit::integer
