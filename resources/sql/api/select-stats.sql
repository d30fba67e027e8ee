-- Aggregates each metric (count, average, minimum, maximum): overall, by sensor, by location, and by hour of the last hours.
WITH chosen AS MATERIALIZED (
    SELECT * FROM chosen_series(:?sensor_id::text[], :?location::text[], :?metric::text)
), asked AS (
    SELECT coalesce(:?from::timestamptz, '-infinity') AS from_time, coalesce(:?to::timestamptz, 'infinity') AS until_time,
           date_trunc('hour', now(), 'UTC') - make_interval(hours => :?hours::integer - 1) AS recent_hour,
           (:?sensor_id::text[] IS NOT NULL OR :?location::text[] IS NOT NULL OR :?metric::text IS NOT NULL) AS is_filtered
), few AS MATERIALIZED (
    -- Looked up one by one; for more, to read all is faster.
    SELECT CASE WHEN (SELECT is_filtered FROM asked) AND count(*) <= 200 THEN coalesce(array_agg(series_id), '{}') END AS series FROM chosen
), whole_hours AS (
    -- From the first hour that begins in the requested range to the last one that ends in it.
    SELECT *,
           CASE WHEN isfinite(from_time) THEN date_bin('1 hour', from_time + interval '1 hour' - interval '1 microsecond', epoch) ELSE from_time END AS first_hour,
           CASE WHEN isfinite(until_time) THEN date_bin('1 hour', until_time, epoch) ELSE until_time END AS end_hour
    FROM asked, (VALUES (timestamptz '2000-01-01 00:00:00+00')) AS bins (epoch)
), whole AS MATERIALIZED (
    -- The whole months in between; if there are none, both bounds are the end.
    SELECT *, least(first_month, end_hour) AS months_from, greatest(end_month, least(first_month, end_hour)) AS months_until
    FROM (SELECT *, CASE WHEN isfinite(first_hour) THEN date_trunc('month', first_hour + interval '1 month' - interval '1 microsecond', 'UTC') ELSE first_hour END AS first_month,
                 CASE WHEN isfinite(end_hour) THEN date_trunc('month', end_hour, 'UTC') ELSE end_hour END AS end_month
          FROM whole_hours) AS months
), waiting AS MATERIALIZED (
    -- Readings that are not rolled up yet, and the partial hours at the start and end.
    SELECT * FROM pending_hours((SELECT first_hour FROM whole), (SELECT end_hour FROM whole), (SELECT series FROM few))
    WHERE EXISTS (SELECT FROM batch WHERE NOT rolled_up)
    UNION ALL
    SELECT * FROM hours_of_readings(NULL, (SELECT from_time FROM whole), (SELECT least(first_hour, until_time) FROM whole), (SELECT series FROM few))
    WHERE (SELECT from_time < least(first_hour, until_time) FROM whole)
    UNION ALL
    SELECT * FROM hours_of_readings(NULL, (SELECT greatest(end_hour, first_hour, from_time) FROM whole), (SELECT until_time FROM whole), (SELECT series FROM few))
    WHERE (SELECT greatest(end_hour, first_hour, from_time) < until_time FROM whole)
), per_series AS (
    SELECT series_id, "position", sum(readings) AS readings, sum(events) AS events, min(first_at) AS first_at, max(last_at) AS last_at,
           sum(scaled_total) AS scaled_total, min(lowest) AS lowest, max(highest) AS highest, max(last_received_at) AS last_received_at
    FROM (
        SELECT * FROM rollup_month
        WHERE (SELECT series IS NULL FROM few) AND month >= (SELECT months_from FROM whole) AND month < (SELECT months_until FROM whole)
        UNION ALL
        SELECT * FROM rollup_hour
        WHERE (SELECT series IS NULL FROM few) AND hour >= (SELECT first_hour FROM whole) AND hour < (SELECT months_from FROM whole)
        UNION ALL
        SELECT * FROM rollup_hour
        WHERE (SELECT series IS NULL FROM few) AND hour >= (SELECT months_until FROM whole) AND hour < (SELECT end_hour FROM whole)
        UNION ALL
        SELECT stored.* FROM few CROSS JOIN unnest(series) AS one (series_id)
        CROSS JOIN LATERAL (SELECT * FROM rollup_month WHERE rollup_month.series_id = one.series_id
                              AND month >= (SELECT months_from FROM whole) AND month < (SELECT months_until FROM whole) OFFSET 0) AS stored
        UNION ALL
        SELECT stored.* FROM few CROSS JOIN unnest(series) AS one (series_id)
        CROSS JOIN LATERAL (SELECT * FROM rollup_hour WHERE rollup_hour.series_id = one.series_id
                              AND hour >= (SELECT first_hour FROM whole) AND hour < (SELECT months_from FROM whole) OFFSET 0) AS stored
        UNION ALL
        SELECT stored.* FROM few CROSS JOIN unnest(series) AS one (series_id)
        CROSS JOIN LATERAL (SELECT * FROM rollup_hour WHERE rollup_hour.series_id = one.series_id
                              AND hour >= (SELECT months_until FROM whole) AND hour < (SELECT end_hour FROM whole) OFFSET 0) AS stored
        UNION ALL
        SELECT * FROM waiting
    ) AS part
    WHERE series_id IN (SELECT series_id FROM chosen)
    GROUP BY series_id, "position"
), named AS (
    SELECT series_id, sensor_id, location, "position", metrics["position"] COLLATE "C" AS metric FROM chosen, generate_subscripts(metrics, 1) AS "position"
    WHERE :?metric::text IS NULL OR metrics["position"] = :?metric::text
), per_hour AS (
    SELECT hour, metric, readings, events, scaled_total, lowest, highest
    FROM (
        SELECT hour, series_id, "position", readings, events, scaled_total, lowest, highest FROM rollup_hour
        WHERE (SELECT is_filtered AND series IS NULL FROM asked, few)
          AND hour >= (SELECT greatest(first_hour, recent_hour) FROM whole) AND hour < (SELECT end_hour FROM whole) AND series_id IN (SELECT series_id FROM chosen)
        UNION ALL
        SELECT hour, stored.series_id, "position", readings, events, scaled_total, lowest, highest FROM few CROSS JOIN unnest(series) AS one (series_id)
        CROSS JOIN LATERAL (SELECT * FROM rollup_hour WHERE rollup_hour.series_id = one.series_id
                              AND hour >= (SELECT greatest(first_hour, recent_hour) FROM whole) AND hour < (SELECT end_hour FROM whole) OFFSET 0) AS stored
        WHERE (SELECT is_filtered FROM asked)
        UNION ALL
        SELECT hour, series_id, "position", readings, events, scaled_total, lowest, highest FROM waiting
        WHERE hour >= (SELECT recent_hour FROM whole) AND series_id IN (SELECT series_id FROM chosen)
          -- Totals include those of whole hours.
          AND ((SELECT is_filtered FROM asked) OR hour < (SELECT first_hour FROM whole) OR hour >= (SELECT end_hour FROM whole))
    ) AS part JOIN named USING (series_id, "position")
    UNION ALL
    -- The same for all sensors, precomputed.
    SELECT hour, metric, readings, events, scaled_total, lowest, highest FROM rollup_total
    WHERE NOT (SELECT is_filtered FROM asked) AND hour >= (SELECT greatest(first_hour, recent_hour) FROM whole) AND hour < (SELECT end_hour FROM whole)
    UNION ALL
    SELECT hour, metric, readings, events, scaled_total, lowest, highest FROM pending_total
    WHERE NOT (SELECT is_filtered FROM asked) AND hour >= (SELECT greatest(first_hour, recent_hour) FROM whole) AND hour < (SELECT end_hour FROM whole)
), grouped AS (
    SELECT CASE grouping(sensor_id, location) WHEN 0 THEN 'sensor' WHEN 2 THEN 'location' ELSE 'overall' END AS kind,
           sensor_id, location, NULL::timestamptz AS hour, metric,
           sum(readings) AS readings, min(first_at) AS first_at, max(last_at) AS last_at, max(last_received_at) AS last_received_at,
           average_of(sum(scaled_total), sum(readings)) AS average, min(lowest) AS lowest, max(highest) AS highest,
           -- Of one metric, the readings that have it; of all, each reading once.
           CASE WHEN :?metric::text IS NULL THEN sum(events) ELSE sum(readings) END AS events
    FROM per_series JOIN named USING (series_id, "position")
    GROUP BY GROUPING SETS ((metric), (sensor_id, location, metric), (location, metric))
    UNION ALL
    SELECT 'hour', NULL, NULL, hour, metric, sum(readings), NULL, NULL, NULL,
           average_of(sum(scaled_total), sum(readings)), min(lowest), max(highest), CASE WHEN :?metric::text IS NULL THEN sum(events) ELSE sum(readings) END
    FROM per_hour
    GROUP BY hour, metric
), lines AS (
    SELECT kind, sensor_id, location, hour, sum(events) AS event_count, min(first_at) AS first_at, max(last_at) AS last_at, max(last_received_at) AS last_received_at,
           string_agg(format(',%s:%s,%s:%s,%s:%s,%s:%s', to_json('count_' || metric), readings, to_json('avg_' || metric), average, to_json('min_' || metric), lowest,
                             to_json('max_' || metric), highest), '' ORDER BY metric) AS metrics
    FROM grouped GROUP BY kind, sensor_id, location, hour
), sensors AS (
    SELECT sensor_id, max(last_received_at) < now() - :?silent_after::text::interval AS is_silent FROM lines WHERE kind = 'sensor' GROUP BY sensor_id
), listed AS (
    -- Those with the most events, up to the requested limit.
    SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY kind ORDER BY event_count DESC, sensor_id COLLATE "C", location COLLATE "C") AS place FROM lines WHERE kind IN ('sensor', 'location')) AS ranked
    WHERE :?limit::integer IS NULL OR place <= :?limit::integer
)
SELECT '{"status":"success","data":{"overall":{"total_events":' || coalesce((SELECT event_count FROM lines WHERE kind = 'overall'), 0)
    || (SELECT ',"active_sensors":' || count(*) || ',"silent_sensors":' || count(*) FILTER (WHERE is_silent) FROM sensors)
    || (SELECT ',"first_reading":' || coalesce(to_json(iso_8601(min(first_at)))::text, 'null') || ',"last_reading":' || coalesce(to_json(iso_8601(max(last_at)))::text, 'null')
               || coalesce(min(metrics), '') FROM lines WHERE kind = 'overall')
    || '},"by_sensor":[' || coalesce((SELECT string_agg('{"sensor_id":' || to_json(sensor_id) || ',"location":' || coalesce(to_json(location)::text, 'null') || ',"event_count":' || event_count
               || ',"last_reading":"' || iso_8601(last_at) || '"' || metrics || '}', ',' ORDER BY sensor_id COLLATE "C", location COLLATE "C") FROM listed WHERE kind = 'sensor'), '')
    || '],"by_location":[' || coalesce((SELECT string_agg('{"location":' || coalesce(to_json(location)::text, 'null') || ',"event_count":' || event_count
               || ',"last_reading":"' || iso_8601(last_at) || '"' || metrics || '}', ',' ORDER BY location COLLATE "C") FROM listed WHERE kind = 'location'), '')
    || '],"hourly":[' || coalesce((SELECT string_agg('{"hour":"' || iso_8601(hour) || '","event_count":' || event_count || metrics || '}', ',' ORDER BY hour)
               FROM lines WHERE kind = 'hour'), '')
    || ']}}' AS answer
