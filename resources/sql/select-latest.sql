-- Newest readings first.
SELECT series_id, sensor_id, location, metrics, microseconds(at) AS at, microseconds(received_at) AS received_at, "values"::text, attributes::text
FROM readings_in_order(:?sensor_id::text[], :?location::text[], :?metric::text, '-infinity', 'infinity', true, 2 * :?limit::integer)
LIMIT :?limit::integer
