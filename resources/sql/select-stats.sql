-- Counts, and average, minimum and maximum of each metric: overall, by sensor, and by hour of the last hours.
WITH chosen AS (
    SELECT * FROM series
    WHERE (:?sensor_id::text IS NULL OR sensor_id = :?sensor_id::text)
      AND (:?location::text IS NULL OR location = :?location::text)
), asked AS (
    SELECT coalesce(:?from::timestamptz, '-infinity') AS from_time, coalesce(:?to::timestamptz, 'infinity') AS until_time
), whole_hours AS (
    -- From the first hour that begins in the asked time up to the last one that ends in it.
    SELECT from_time, until_time,
           CASE WHEN isfinite(from_time) THEN date_bin('1 hour', from_time + interval '1 hour' - interval '1 microsecond', epoch) ELSE from_time END AS first_hour,
           CASE WHEN isfinite(until_time) THEN date_bin('1 hour', until_time, epoch) ELSE until_time END AS end_hour
    FROM asked, (VALUES (timestamptz '2000-01-01 00:00:00+00')) AS bins (epoch)
), per_metric AS (
    SELECT * FROM rollup_hour WHERE hour >= (SELECT first_hour FROM whole_hours) AND hour < (SELECT end_hour FROM whole_hours)
    UNION ALL
    -- What is not rolled up yet.
    SELECT * FROM hours_of_readings((SELECT array_agg(batch_id) FROM batch WHERE NOT rolled_up),
        (SELECT first_hour FROM whole_hours), (SELECT end_hour FROM whole_hours))
    WHERE EXISTS (SELECT FROM batch WHERE NOT rolled_up)
    UNION ALL
    -- The parts of an hour at the start and at the end.
    SELECT * FROM hours_of_readings(NULL, (SELECT from_time FROM whole_hours), (SELECT least(first_hour, until_time) FROM whole_hours))
    UNION ALL
    SELECT * FROM hours_of_readings(NULL, (SELECT greatest(end_hour, first_hour, from_time) FROM whole_hours), (SELECT until_time FROM whole_hours))
), per_chosen_metric AS (
    SELECT * FROM per_metric WHERE series_id IN (SELECT series_id FROM chosen)
), recent AS (
    SELECT date_trunc('hour', now(), 'UTC') - make_interval(hours => :?hours::integer - 1) AS first_hour
), counts AS (
    SELECT ROW (sensor_id, location, hour)::text AS place, grouping(sensor_id, hour) AS level, sensor_id, location, hour,
           sum(readings)::bigint AS event_count,
           count(DISTINCT sensor_id) AS active_sensors, min(first_at) AS first_reading, max(last_at) AS last_reading
    -- Every reading of a series has all its metrics, so the first of them counts the readings.
    FROM per_chosen_metric JOIN chosen USING (series_id) WHERE position = 1
    GROUP BY GROUPING SETS ((), (sensor_id, location), (hour))
), figures AS (
    SELECT ROW (sensor_id, location, hour)::text AS place, level,
           json_object_agg(figure.key, figure.value ORDER BY metric, figure.position) AS metrics
    FROM (
        SELECT grouping(sensor_id, hour) AS level, sensor_id, location, hour, metric,
               sum(scaled_total) / sum(readings) * 1099511627776 AS average, min(lowest) AS lowest, max(highest) AS highest
        FROM per_chosen_metric JOIN (SELECT *, metrics[position] AS metric FROM chosen, generate_subscripts(metrics, 1) AS position) AS named
            USING (series_id, position)
        GROUP BY GROUPING SETS ((metric), (sensor_id, location, metric), (hour, metric))
    ) AS grouped
    CROSS JOIN LATERAL (VALUES (1, 'avg_' || metric, average), (2, 'min_' || metric, lowest), (3, 'max_' || metric, highest))
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
