-- Counts, and average, minimum and maximum of each metric: overall, by sensor, and by hour of the last hours.
WITH chosen AS (
    SELECT * FROM readings
    WHERE (:?sensor_id::text IS NULL OR sensor_id = :?sensor_id::text)
      AND (:?location::text IS NULL OR location = :?location::text)
      AND (:?from::timestamptz IS NULL OR at >= :?from::timestamptz)
      AND (:?to::timestamptz IS NULL OR at < :?to::timestamptz)
), per_series AS (
    SELECT series_id, sensor_id, location, date_trunc('hour', at, 'UTC') AS hour, metrics, count(*) AS event_count,
           min(at) AS first_reading, max(at) AS last_reading
    FROM chosen GROUP BY series_id, sensor_id, location, hour, metrics
), per_metric AS (
    SELECT series_id, hour, metric, sum(value) AS total, count(*) AS measurements, min(value) AS least, max(value) AS most
    FROM chosen CROSS JOIN LATERAL unnest(metrics, "values") AS m (metric, value), LATERAL date_trunc('hour', at, 'UTC') AS hour
    GROUP BY series_id, hour, metric
), recent AS (
    SELECT date_trunc('hour', now(), 'UTC') - make_interval(hours => :?hours::integer - 1) AS first_hour
), counts AS (
    SELECT grouping(sensor_id, hour) AS level, sensor_id, location, hour, sum(event_count)::bigint AS event_count,
           count(DISTINCT sensor_id) AS active_sensors, min(first_reading) AS first_reading, max(last_reading) AS last_reading
    FROM per_series GROUP BY GROUPING SETS ((), (sensor_id, location), (hour))
), figures AS (
    SELECT level, sensor_id, location, hour,
           json_object_agg(figure.key, figure.value ORDER BY metric, figure.position) AS metrics
    FROM (
        SELECT grouping(sensor_id, p.hour) AS level, sensor_id, location, p.hour, metric,
               sum(total) / sum(measurements) AS average, min(least) AS least, max(most) AS most
        FROM per_metric p JOIN series USING (series_id)
        GROUP BY GROUPING SETS ((metric), (sensor_id, location, metric), (p.hour, metric))
    ) AS grouped
    CROSS JOIN LATERAL (VALUES (1, 'avg_' || metric, average), (2, 'min_' || metric, least), (3, 'max_' || metric, most))
        AS figure (position, key, value)
    GROUP BY level, sensor_id, location, hour
), rows AS (
    SELECT counts.*, figures.metrics
    FROM counts LEFT JOIN figures
      ON (counts.level, counts.sensor_id, counts.location, counts.hour)
         IS NOT DISTINCT FROM (figures.level, figures.sensor_id, figures.location, figures.hour)
)
SELECT json_build_object('status', 'success', 'data', json_build_object(
    'overall', (SELECT json_merge(json_build_object('total_events', coalesce(event_count, 0), 'active_sensors', active_sensors,
                    'first_reading', iso_8601(first_reading), 'last_reading', iso_8601(last_reading)), metrics)
                FROM rows WHERE level = 3),
    'by_sensor', (SELECT coalesce(json_agg(json_merge(json_build_object('sensor_id', sensor_id, 'location', location,
                    'event_count', event_count, 'last_reading', iso_8601(last_reading)), metrics) ORDER BY sensor_id, location), '[]')
                  FROM rows WHERE level = 1),
    'hourly', (SELECT coalesce(json_agg(json_merge(json_build_object('hour', iso_8601(hour), 'event_count', event_count), metrics)
                    ORDER BY hour), '[]')
               FROM rows, recent WHERE level = 2 AND hour >= first_hour)
    ))::text AS answer
