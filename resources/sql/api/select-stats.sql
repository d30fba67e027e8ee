-- Aggregates each metric (count, average, minimum, maximum): overall, by sensor, by location, and by hour of the last hours. Of all sensors, the totals of
-- their groups answer this, and only the sensors that are listed are added up one by one.
WITH asked AS MATERIALIZED (
    -- Of all, without an end, series_activity tells which sensors are active.
    SELECT *, is_of_all AND :?metric::text IS NULL AND NOT isfinite(until_time) AS is_in_activity
    FROM (
        SELECT coalesce(:?from::timestamptz, '-infinity') AS from_time, coalesce(:?to::timestamptz, 'infinity') AS until_time,
               date_trunc('hour', now(), 'UTC') - make_interval(hours => :?hours::integer - 1) AS recent_hour,
               date_trunc('second', now()) - :?silent_after::text::interval AS silent_before,
               :?sensor_id::text[] IS NULL AND :?location::text[] IS NULL AS is_of_all
    ) AS given
), chosen AS MATERIALIZED (
    SELECT series_id, sensor_id, location, metrics FROM chosen_series(:?sensor_id::text[], :?location::text[], :?metric::text) WHERE NOT (SELECT is_of_all FROM asked)
), chosen_few AS MATERIALIZED (
    -- Looked up one by one; for more, to read all is faster.
    SELECT CASE WHEN NOT (SELECT is_of_all FROM asked) AND count(*) <= 200 THEN coalesce(array_agg(series_id), '{}') END AS series FROM chosen
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
), edges AS MATERIALIZED (
    -- The partial hours at the start and end, except where the groups' totals of them are enough.
    SELECT * FROM hours_of_readings(NULL, (SELECT from_time FROM whole), (SELECT least(first_hour, until_time) FROM whole), (SELECT series FROM chosen_few))
    WHERE (SELECT from_time < least(first_hour, until_time) AND NOT is_in_activity FROM whole)
    UNION ALL
    SELECT * FROM hours_of_readings(NULL, (SELECT greatest(end_hour, first_hour, from_time) FROM whole), (SELECT until_time FROM whole), (SELECT series FROM chosen_few))
    WHERE (SELECT greatest(end_hour, first_hour, from_time) < until_time FROM whole)
), sent AS MATERIALIZED (
    -- Which series sent in the whole hours, and when something of them was last received, unless series_activity tells it of all.
    SELECT series_id, bool_or(first_at >= first_hour AND first_at < end_hour OR last_at >= first_hour AND last_at < end_hour) AS is_active,
           bool_or(first_at < first_hour AND last_at >= end_hour) AS is_unclear, max(last_received_at) AS last_received_at
    FROM (
        SELECT series_id, NULL::smallint AS "position", NULL::timestamptz AS first_at, last_at, last_received_at FROM series_activity
        WHERE (SELECT series IS NULL FROM chosen_few) AND :?metric::text IS NULL AND (SELECT NOT isfinite(until_time) AND NOT is_of_all FROM asked)
          AND (series_id IN (SELECT series_id FROM chosen)) IS TRUE
        UNION ALL
        SELECT series_id, "position", first_at, last_at, last_received_at FROM monthly_rollups
        WHERE (SELECT series IS NULL FROM chosen_few) AND (:?metric::text IS NOT NULL OR (SELECT isfinite(until_time) FROM asked))
          AND month >= (SELECT date_trunc('month', from_time, 'UTC') FROM asked)
          AND ((SELECT is_of_all FROM asked) OR (series_id IN (SELECT series_id FROM chosen)) IS TRUE)
        UNION ALL
        SELECT stored.series_id, "position", first_at, last_at, last_received_at FROM chosen_few CROSS JOIN unnest(series) AS one (series_id)
        CROSS JOIN LATERAL (SELECT * FROM monthly_rollups WHERE monthly_rollups.series_id = one.series_id
                              AND month >= (SELECT date_trunc('month', from_time, 'UTC') FROM asked) OFFSET 0) AS stored
    ) AS part CROSS JOIN whole
    WHERE :?metric::text IS NULL OR EXISTS (SELECT FROM series WHERE series.series_id = part.series_id AND metrics[part."position"] = :?metric::text)
    GROUP BY series_id
), unsure AS MATERIALIZED (
    -- Of which the readings that are not rolled up yet can tell more.
    SELECT coalesce(array_agg(series_id), '{}') AS series
    FROM (SELECT series_id FROM series WHERE (SELECT is_of_all FROM asked) UNION ALL SELECT series_id FROM chosen) AS one LEFT JOIN sent USING (series_id)
    WHERE (SELECT NOT is_in_activity FROM asked) AND EXISTS (SELECT FROM batch WHERE NOT rolled_up)
      AND (is_active AND last_received_at >= (SELECT silent_before FROM asked)) IS NOT TRUE
), fresh AS NOT MATERIALIZED (
    -- Known to be active and not silent: pending readings cannot change that.
    SELECT series_id FROM series_activity WHERE last_at >= (SELECT from_time FROM asked) AND last_received_at >= (SELECT silent_before FROM asked)
), news AS MATERIALIZED (
    -- A series may have some in old batches and in recent ones.
    SELECT series_id, max(last_received_at) AS last_received_at
    FROM pending_activity((SELECT from_time FROM asked), (SELECT until_time FROM asked),
                          ARRAY(SELECT series_id FROM series WHERE (series_id IN (SELECT series_id FROM fresh)) IS NOT TRUE))
    WHERE (SELECT is_in_activity FROM asked) AND CASE WHEN EXISTS (SELECT FROM batch WHERE NOT rolled_up) THEN (SELECT count(*) FROM fresh) < (SELECT sum(series) FROM tenant) END
    GROUP BY series_id
), several AS MATERIALIZED (
    -- Those of sensors that may have more than one, and those of which readings that are not rolled up tell more. Of the others, each is a sensor.
    -- Each is looked up: a join would read all.
    SELECT stored.series_id, sensor_id, stored.location
    FROM (SELECT sensor_id FROM series WHERE is_further
          UNION SELECT one.sensor_id FROM news CROSS JOIN LATERAL (SELECT sensor_id FROM series WHERE series.series_id = news.series_id OFFSET 0) AS one) AS sensor
    CROSS JOIN LATERAL (SELECT series_id, location FROM series WHERE series.sensor_id = sensor.sensor_id OFFSET 0) AS stored
    WHERE (SELECT is_in_activity FROM asked)
), seen AS MATERIALIZED (
    SELECT series_id, sensor_id, location, greatest(stored.last_received_at, news.last_received_at) AS last_received_at
    FROM several LEFT JOIN LATERAL (SELECT last_at, last_received_at FROM series_activity WHERE series_activity.series_id = several.series_id OFFSET 0) AS stored ON true
    LEFT JOIN news USING (series_id)
    WHERE stored.last_at >= (SELECT from_time FROM asked) OR news.series_id IS NOT NULL
    UNION ALL
    SELECT series_id, sensor_id, location, last_received_at
    FROM (
        SELECT series_id, max(last_received_at) AS last_received_at
        FROM (
            SELECT series_id, last_received_at, is_active FROM sent
            UNION ALL
            SELECT series_id, last_received_at, true
            FROM (
                SELECT series_id, "position", last_received_at FROM rollup_hour
                WHERE (SELECT series IS NULL FROM chosen_few) AND EXISTS (SELECT FROM sent WHERE is_unclear)
                  AND hour >= (SELECT first_hour FROM whole) AND hour < (SELECT end_hour FROM whole)
                UNION ALL
                SELECT stored.series_id, "position", last_received_at FROM chosen_few CROSS JOIN unnest(series) AS one (series_id)
                CROSS JOIN LATERAL (SELECT * FROM rollup_hour WHERE rollup_hour.series_id = one.series_id
                                      AND hour >= (SELECT first_hour FROM whole) AND hour < (SELECT end_hour FROM whole) OFFSET 0) AS stored
                WHERE EXISTS (SELECT FROM sent WHERE is_unclear)
                UNION ALL
                SELECT series_id, "position", last_received_at FROM edges WHERE (SELECT NOT is_in_activity FROM asked)
                UNION ALL
                SELECT series_id, "position", last_received_at
                FROM pending_hours((SELECT from_time FROM asked), (SELECT until_time FROM asked), (SELECT series FROM unsure))
                WHERE (SELECT cardinality(series) > 0 AND NOT is_in_activity FROM unsure, asked)
            ) AS part
            WHERE ((SELECT is_of_all FROM asked) OR (series_id IN (SELECT series_id FROM chosen)) IS TRUE)
              AND (:?metric::text IS NULL OR EXISTS (SELECT FROM series WHERE series.series_id = part.series_id AND metrics[part."position"] = :?metric::text))
        ) AS part
        GROUP BY series_id HAVING bool_or(is_active)
    ) AS active JOIN series USING (series_id)
), known AS NOT MATERIALIZED (
    SELECT series_id, last_received_at FROM series_activity WHERE (SELECT is_in_activity FROM asked) AND last_at >= (SELECT from_time FROM asked)
), retired AS MATERIALIZED (
    SELECT series_id FROM retired_series()
), active AS MATERIALIZED (
    -- What a retired sensor sent in the past stays.
    SELECT sum(sensors)::bigint AS sensors, sum(silent_sensors)::bigint AS silent_sensors
    FROM (
        SELECT count(*) FILTER (WHERE NOT is_retired OR (SELECT until_time <= date_trunc('second', now()) FROM asked)) AS sensors,
               count(*) FILTER (WHERE is_silent AND NOT is_retired) AS silent_sensors
        FROM (SELECT max(last_received_at) < (SELECT silent_before FROM asked) AS is_silent, bool_or((series_id IN (SELECT series_id FROM retired)) IS TRUE) AS is_retired
              FROM seen GROUP BY sensor_id) AS sensor
        UNION ALL
        SELECT count(*), count(*) FILTER (WHERE last_received_at < (SELECT silent_before FROM asked)) FROM known WHERE series_id NOT IN (SELECT series_id FROM several)
        UNION ALL
        SELECT -count(*), -count(*) FILTER (WHERE last_received_at < (SELECT silent_before FROM asked)) FROM retired JOIN known USING (series_id)
        WHERE series_id NOT IN (SELECT series_id FROM several)
    ) AS part
), listed AS MATERIALIZED (
    -- One more than asked for shows whether there are more. Where many are active, the first are soon found in the order of the index.
    SELECT series_id, one.sensor_id, one.location, metrics
    FROM (SELECT * FROM seen WHERE (SELECT NOT is_in_activity FROM asked) ORDER BY sensor_id COLLATE "C", location COLLATE "C" LIMIT :?limit::integer + 1) AS one JOIN series USING (series_id)
    UNION ALL
    (SELECT series_id, sensor_id, location, metrics FROM series
     WHERE (SELECT is_in_activity AND sensors >= (SELECT sum(series) FROM tenant) / 10 FROM asked, active)
       -- Not EXISTS, for which all would be read.
       AND ((SELECT last_at FROM series_activity WHERE series_activity.series_id = series.series_id) >= (SELECT from_time FROM asked)
            OR EXISTS (SELECT FROM news WHERE news.series_id = series.series_id))
     ORDER BY sensor_id, location LIMIT :?limit::integer + 1)
    UNION ALL
    (SELECT series_id, sensor_id, location, metrics
     FROM (SELECT series_id FROM known UNION SELECT series_id FROM news) AS one JOIN series USING (series_id)
     WHERE (SELECT is_in_activity AND sensors < (SELECT sum(series) FROM tenant) / 10 FROM asked, active)
     ORDER BY sensor_id, location LIMIT :?limit::integer + 1)
), others AS MATERIALIZED (
    -- The series of locations that have no totals.
    SELECT series_id, sensor_id, location, metrics FROM series
    WHERE (SELECT is_of_all FROM asked) AND EXISTS (SELECT FROM series_group WHERE kind = 'location' OFFSET 999)
      AND group_id = (SELECT group_id FROM series_group WHERE kind = 'others')
      AND (location IS NULL, coalesce(location, '')) IN (
          SELECT DISTINCT one.location IS NULL AS is_null, coalesce(one.location, '')
          FROM (SELECT series_id FROM seen UNION ALL SELECT series_id FROM known) AS sent JOIN series AS one USING (series_id)
          WHERE one.group_id = (SELECT group_id FROM series_group WHERE kind = 'others') ORDER BY 1, 2 LIMIT :?limit::integer + 1)
), named AS MATERIALIZED (
    SELECT series_id, sensor_id, location, "position", metrics["position"] COLLATE "C" AS metric, is_listed, is_summed
    FROM (
        SELECT *, series_id IN (SELECT series_id FROM listed) AS is_listed, true AS is_summed FROM chosen
        UNION ALL
        SELECT *, true, false FROM listed WHERE (SELECT is_of_all FROM asked)
        UNION ALL
        SELECT *, false, true FROM others
    ) AS one, generate_subscripts(metrics, 1) AS "position"
    WHERE :?metric::text IS NULL OR metrics["position"] = :?metric::text
), few AS MATERIALIZED (
    SELECT CASE WHEN (SELECT is_of_all FROM asked) THEN ARRAY(SELECT DISTINCT series_id FROM named) ELSE (SELECT series FROM chosen_few) END AS series
), edges_of_few AS MATERIALIZED (
    SELECT * FROM hours_of_readings(NULL, (SELECT from_time FROM whole), (SELECT first_hour FROM whole), (SELECT series FROM few))
    WHERE (SELECT from_time < first_hour AND is_in_activity FROM whole)
), pending AS MATERIALIZED (
    -- Readings that are not rolled up yet.
    SELECT * FROM pending_hours((SELECT first_hour FROM whole), (SELECT end_hour FROM whole), (SELECT coalesce(series, ARRAY(SELECT series_id FROM chosen)) FROM few))
    WHERE EXISTS (SELECT FROM batch WHERE NOT rolled_up)
), per_series AS MATERIALIZED (
    SELECT series_id, "position", sum(readings) AS readings, sum(events) AS events, min(first_at) AS first_at, max(last_at) AS last_at,
           sum(scaled_total) AS scaled_total, min(lowest) AS lowest, max(highest) AS highest
    FROM (
        SELECT * FROM monthly_rollups
        WHERE (SELECT series IS NULL FROM few) AND month >= (SELECT months_from FROM whole) AND month < (SELECT months_until FROM whole)
        UNION ALL
        SELECT * FROM rollup_hour
        WHERE (SELECT series IS NULL FROM few) AND hour >= (SELECT first_hour FROM whole) AND hour < (SELECT months_from FROM whole)
        UNION ALL
        SELECT * FROM rollup_hour
        WHERE (SELECT series IS NULL FROM few) AND hour >= (SELECT months_until FROM whole) AND hour < (SELECT end_hour FROM whole)
        UNION ALL
        SELECT stored.* FROM few CROSS JOIN unnest(series) AS one (series_id)
        CROSS JOIN LATERAL (SELECT * FROM monthly_rollups WHERE monthly_rollups.series_id = one.series_id
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
        SELECT * FROM pending
        UNION ALL
        SELECT * FROM edges
        UNION ALL
        SELECT * FROM edges_of_few
    ) AS part
    WHERE (series_id IN (SELECT series_id FROM named)) IS TRUE
    GROUP BY series_id, "position"
), waiting_totals AS MATERIALIZED (
    -- What is to be added to the totals of each group, and what its partial hours have.
    SELECT tenant, group_id, hour, metric, readings, events, first_at, last_at, scaled_total, lowest, highest
    FROM (
        SELECT group_id, hour, metric, readings, events, first_at, last_at, scaled_total, lowest, highest FROM pending_total CROSS JOIN unnest(totals)
        WHERE (SELECT is_of_all FROM asked) AND hour >= (SELECT first_hour FROM whole) AND hour < (SELECT end_hour FROM whole)
        UNION ALL
        SELECT group_id, hour, metrics["position"], readings, events, first_at, last_at, scaled_total, lowest, highest FROM edges JOIN series USING (series_id)
        WHERE (SELECT is_of_all FROM asked)
        UNION ALL
        SELECT group_id, (SELECT first_hour FROM whole) - interval '1 hour', metric, readings, events, first_at, last_at, scaled_total, lowest, highest
        FROM totals_of_part((SELECT from_time FROM whole), (SELECT first_hour FROM whole))
        WHERE (SELECT from_time < first_hour AND is_in_activity FROM whole)
    ) AS part JOIN series_group USING (group_id)
), per_group AS (
    SELECT group_id, metric, readings, events, first_at, last_at, scaled_total, lowest, highest
    FROM (SELECT group_id FROM series_group WHERE kind <> 'others' AND (SELECT is_of_all FROM asked)) AS one
    CROSS JOIN LATERAL (
        SELECT metric, readings, events, first_at, last_at, scaled_total, lowest, highest FROM rollup_total_month
        WHERE rollup_total_month.group_id = one.group_id AND month >= (SELECT months_from FROM whole) AND month < (SELECT months_until FROM whole)
        UNION ALL
        SELECT metric, readings, events, first_at, last_at, scaled_total, lowest, highest FROM rollup_total
        WHERE rollup_total.group_id = one.group_id AND hour >= (SELECT first_hour FROM whole) AND hour < (SELECT months_from FROM whole)
        UNION ALL
        SELECT metric, readings, events, first_at, last_at, scaled_total, lowest, highest FROM rollup_total
        WHERE rollup_total.group_id = one.group_id AND hour >= (SELECT months_until FROM whole) AND hour < (SELECT end_hour FROM whole)
    ) AS stored
    UNION ALL
    SELECT group_id, metric, readings, events, first_at, last_at, scaled_total, lowest, highest FROM waiting_totals
    UNION ALL
    SELECT of_all.group_id, metric, readings, events, first_at, last_at, scaled_total, lowest, highest
    FROM waiting_totals JOIN series_group AS of_all ON of_all.tenant = waiting_totals.tenant AND of_all.kind = 'all'
), per_hour AS (
    SELECT hour, metric, readings, events, scaled_total, lowest, highest
    FROM (
        SELECT hour, series_id, "position", readings, events, scaled_total, lowest, highest FROM rollup_hour
        WHERE (SELECT NOT is_of_all AND series IS NULL FROM asked, few)
          AND hour >= (SELECT greatest(first_hour, recent_hour) FROM whole) AND hour < (SELECT end_hour FROM whole) AND series_id IN (SELECT series_id FROM chosen)
        UNION ALL
        SELECT hour, stored.series_id, "position", readings, events, scaled_total, lowest, highest FROM chosen_few CROSS JOIN unnest(series) AS one (series_id)
        CROSS JOIN LATERAL (SELECT * FROM rollup_hour WHERE rollup_hour.series_id = one.series_id
                              AND hour >= (SELECT greatest(first_hour, recent_hour) FROM whole) AND hour < (SELECT end_hour FROM whole) OFFSET 0) AS stored
        UNION ALL
        SELECT hour, series_id, "position", readings, events, scaled_total, lowest, highest FROM (TABLE pending UNION ALL TABLE edges) AS waiting
        WHERE hour >= (SELECT recent_hour FROM whole) AND NOT (SELECT is_of_all FROM asked)
    ) AS part JOIN named USING (series_id, "position")
    UNION ALL
    SELECT hour, metric, readings, events, scaled_total, lowest, highest FROM rollup_total
    WHERE group_id = (SELECT group_id FROM series_group WHERE kind = 'all' AND (SELECT is_of_all FROM asked))
      AND hour >= (SELECT greatest(first_hour, recent_hour) FROM whole) AND hour < (SELECT end_hour FROM whole)
    UNION ALL
    SELECT hour, metric, readings, events, scaled_total, lowest, highest FROM waiting_totals WHERE hour >= (SELECT recent_hour FROM whole)
), grouped AS (
    SELECT kind, sensor_id, location, hour, metric, sum(readings) AS readings, min(first_at) AS first_at, max(last_at) AS last_at,
           average_of(sum(scaled_total), sum(readings)) AS average, min(lowest) AS lowest, max(highest) AS highest,
           -- Of one metric, the readings that have it; of all, each reading once.
           CASE WHEN :?metric::text IS NULL THEN sum(events) ELSE sum(readings) END AS events
    FROM (
        SELECT 'sensor' AS kind, sensor_id, location, NULL::timestamptz AS hour, metric, readings, events, first_at, last_at, scaled_total, lowest, highest
        FROM per_series JOIN named USING (series_id, "position") WHERE is_listed
        UNION ALL
        SELECT level.kind, NULL, level.location, NULL, metric, readings, events, first_at, last_at, scaled_total, lowest, highest
        FROM per_series JOIN named USING (series_id, "position") CROSS JOIN LATERAL (VALUES ('location', named.location), ('all', NULL)) AS level (kind, location)
        WHERE is_summed AND (level.kind = 'location' OR NOT (SELECT is_of_all FROM asked))
        UNION ALL
        SELECT kind, NULL, location, NULL, metric, readings, events, first_at, last_at, scaled_total, lowest, highest
        FROM per_group JOIN series_group USING (group_id) WHERE kind <> 'others'
        UNION ALL
        SELECT 'hour', NULL, NULL, hour, metric, readings, events, NULL, NULL, scaled_total, lowest, highest FROM per_hour
    ) AS part
    WHERE :?metric::text IS NULL OR metric = :?metric::text
    GROUP BY kind, sensor_id, location, hour, metric
), lines AS (
    SELECT kind, sensor_id, location, hour, sum(events) AS event_count, min(first_at) AS first_at, max(last_at) AS last_at,
           row_number() OVER (PARTITION BY kind ORDER BY sensor_id COLLATE "C", location COLLATE "C", hour) AS place,
           -- Directions have no average: that of 350 and 10 degrees is 180.
           string_agg(format(',%s:%s,%s:%s,%s:%s,%s:%s', to_json('count_' || metric), readings, to_json('avg_' || metric),
                             CASE WHEN metric IN (SELECT metric FROM metric_declaration WHERE kind = 'direction') THEN 'null' ELSE average::text END, to_json('min_' || metric), lowest,
                             to_json('max_' || metric), highest), '' ORDER BY metric COLLATE "C") AS metrics
    FROM grouped GROUP BY kind, sensor_id, location, hour
)
SELECT '{"status":"success","data":{"overall":{"total_events":' || coalesce((SELECT event_count FROM lines WHERE kind = 'all'), 0)
    || (SELECT ',"active_sensors":' || sensors || ',"silent_sensors":' || silent_sensors FROM active)
    || (SELECT ',"first_reading":' || coalesce(to_json(iso_8601(min(first_at)))::text, 'null') || ',"last_reading":' || coalesce(to_json(iso_8601(max(last_at)))::text, 'null')
               || coalesce(min(metrics), '') FROM lines WHERE kind = 'all')
    || '},"by_sensor":[' || coalesce((SELECT string_agg('{"sensor_id":' || to_json(sensor_id) || ',"location":' || coalesce(to_json(location)::text, 'null') || ',"event_count":' || event_count
               || ',"last_reading":"' || iso_8601(last_at) || '"' || metrics || '}', ',' ORDER BY place) FROM lines WHERE kind = 'sensor' AND (:?limit::integer IS NULL OR place <= :?limit::integer)), '')
    || '],"by_location":[' || coalesce((SELECT string_agg('{"location":' || coalesce(to_json(location)::text, 'null') || ',"event_count":' || event_count
               || ',"last_reading":"' || iso_8601(last_at) || '"' || metrics || '}', ',' ORDER BY place) FROM lines WHERE kind = 'location' AND (:?limit::integer IS NULL OR place <= :?limit::integer)), '')
    || '],"truncated":' || coalesce((SELECT max(place) FROM lines WHERE kind IN ('sensor', 'location')) > :?limit::integer, false)
    || ',"hourly":[' || coalesce((SELECT string_agg('{"hour":"' || iso_8601(hour) || '","event_count":' || event_count || metrics || '}', ',' ORDER BY place)
               FROM lines WHERE kind = 'hour'), '')
    || ']}}' AS answer
