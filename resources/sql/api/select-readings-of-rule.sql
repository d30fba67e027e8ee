-- The values that an alert rule looks at, in the order of their times: of the last day, unless a range is given.
SELECT sensor_id, location, microseconds(at) AS at, "values"[array_position(metrics, :?metric::text)] AS value
FROM readings_in_order(
    CASE WHEN :?sensor_patterns::text[] IS NOT NULL THEN ARRAY(SELECT DISTINCT sensor_id FROM series WHERE sensor_id LIKE ANY (:?sensor_patterns::text[])) END,
    CASE WHEN :?location_patterns::text[] IS NOT NULL THEN ARRAY(SELECT DISTINCT location FROM series WHERE location LIKE ANY (:?location_patterns::text[])) END,
    :?metric::text, coalesce(:?from::timestamptz, least(now(), :?to::timestamptz) - interval '1 day'), coalesce(:?to::timestamptz, 'infinity'), false, NULL)
