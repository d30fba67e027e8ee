-- Newest readings first.
SELECT series_id, sensor_id, location, metrics, microseconds(at) AS at, microseconds(received_at) AS received_at, "values"::text, attributes::text
FROM newest_readings(:?sensor_id::text[], :?location::text[], :?metric::text, :?limit::integer)
