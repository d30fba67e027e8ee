-- Counts, and average, minimum and maximum of each metric: overall, by sensor, and by hour of the last hours.
WITH chosen AS (
    SELECT * FROM series
    WHERE (:?sensor_id::text IS NULL OR sensor_id = :?sensor_id::text)
      AND (:?location::text IS NULL OR location = :?location::text)
), per_metric AS (
    -- Every reading of a series has all its metrics, so the first of them counts the readings.
    -- Scaling by a power of two loses no digit, and lets the largest numbers be added.
    SELECT series_id, date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00') AS hour, position, count(*) AS readings,
           min(at) AS first_reading, max(at) AS last_reading, sum(value / 1099511627776) AS scaled_total, min(value) AS least, max(value) AS most
    FROM reading CROSS JOIN LATERAL unnest("values") WITH ORDINALITY AS m (value, position)
    WHERE series_id IN (SELECT series_id FROM chosen)
      AND (:?from::timestamptz IS NULL OR at >= :?from::timestamptz)
      AND (:?to::timestamptz IS NULL OR at < :?to::timestamptz)
    GROUP BY series_id, hour, position
), recent AS (
    SELECT date_trunc('hour', now(), 'UTC') - make_interval(hours => :?hours::integer - 1) AS first_hour
), counts AS (
    SELECT ROW (sensor_id, location, hour)::text AS place, grouping(sensor_id, hour) AS level, sensor_id, location, hour,
           sum(readings)::bigint AS event_count,
           count(DISTINCT sensor_id) AS active_sensors, min(first_reading) AS first_reading, max(last_reading) AS last_reading
    FROM per_metric JOIN chosen USING (series_id) WHERE position = 1
    GROUP BY GROUPING SETS ((), (sensor_id, location), (hour))
), figures AS (
    SELECT ROW (sensor_id, location, hour)::text AS place, level,
           json_object_agg(figure.key, figure.value ORDER BY metric, figure.position) AS metrics
    FROM (
        SELECT grouping(sensor_id, hour) AS level, sensor_id, location, hour, metric,
               sum(scaled_total) / sum(readings) * 1099511627776 AS average, min(least) AS least, max(most) AS most
        FROM per_metric JOIN (SELECT *, metrics[position] AS metric FROM chosen, generate_subscripts(metrics, 1) AS position) AS named
            USING (series_id, position)
        GROUP BY GROUPING SETS ((metric), (sensor_id, location, metric), (hour, metric))
    ) AS grouped
    CROSS JOIN LATERAL (VALUES (1, 'avg_' || metric, average), (2, 'min_' || metric, least), (3, 'max_' || metric, most))
        AS figure (position, key, value)
    GROUP BY level, sensor_id, location, hour
), rows AS (
    SELECT level, sensor_id, location, hour, event_count, active_sensors, first_reading, last_reading, metrics
    FROM counts LEFT JOIN figures USING (place, level)
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
