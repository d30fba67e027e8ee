-- What a rule about silence goes by, in the order of its times: when Kafka received readings of its sensors, and others from where it does not apply, when sensors were retired, and up to when that
-- is known. While readings wait to be stored, that is when the last one was received. Readings are looked for by the times of the devices, which are up to a day wrong; where the newest time of a
-- series is more than half a day wrong, around that, too.
WITH wanted AS MATERIALIZED (
    SELECT 'received' AS kind, (:?metrics::text[])[1] AS metric,
           CASE WHEN :?sensor_patterns::text[] IS NOT NULL THEN ARRAY(SELECT DISTINCT sensor_id FROM series WHERE sensor_id LIKE ANY (:?sensor_patterns::text[])) END AS sensors,
           CASE WHEN :?location_patterns::text[] IS NOT NULL THEN ARRAY(SELECT DISTINCT location FROM series WHERE location LIKE ANY (:?location_patterns::text[])) END AS locations
    UNION ALL
    SELECT 'elsewhere', NULL,
           ARRAY(SELECT DISTINCT sensor_id FROM series
                 WHERE CASE WHEN :?sensor_patterns::text[] IS NULL THEN location LIKE ANY (:?location_patterns::text[]) ELSE sensor_id LIKE ANY (:?sensor_patterns::text[]) END),
           ARRAY(SELECT DISTINCT location FROM series WHERE NOT location LIKE ANY (:?location_patterns::text[]))
    WHERE :?location_patterns::text[] IS NOT NULL
), wrong_clock AS MATERIALIZED (
    SELECT kind, wanted.metric, series_id, last_at - last_received_at AS ahead
    FROM wanted CROSS JOIN LATERAL chosen_series(wanted.sensors, wanted.locations, wanted.metric) JOIN series_activity USING (series_id)
    WHERE last_at - last_received_at NOT BETWEEN interval '-12 hours' AND interval '12 hours'
), received AS MATERIALIZED (
    SELECT kind, sensor_id, location, received_at
    FROM (
        -- Those of the range itself first: mostly, if there are too many, they are among them.
        SELECT kind, found.sensor_id, found.location, received_at
        FROM wanted CROSS JOIN LATERAL readings_in_order(wanted.sensors, wanted.locations, wanted.metric, :?from_time::timestamptz, :?until_time::timestamptz, false, NULL) AS found
        UNION ALL
        SELECT kind, found.sensor_id, found.location, received_at
        FROM wanted CROSS JOIN LATERAL readings_in_order(wanted.sensors, wanted.locations, wanted.metric,
            :?from_time::timestamptz - interval '1 day', :?from_time::timestamptz, false, NULL) AS found
        UNION ALL
        SELECT kind, found.sensor_id, found.location, received_at
        FROM wanted CROSS JOIN LATERAL readings_in_order(wanted.sensors, wanted.locations, wanted.metric,
            :?until_time::timestamptz, :?until_time::timestamptz + interval '1 day', false, NULL) AS found
        UNION ALL
        SELECT kind, found.sensor_id, found.location, received_at
        FROM wrong_clock CROSS JOIN LATERAL part_of_readings(ARRAY[series_id], wrong_clock.metric,
            :?from_time::timestamptz - interval '1 day' + ahead, :?until_time::timestamptz + interval '1 day' + ahead, false) AS found
        WHERE found.at < :?from_time::timestamptz - interval '1 day' OR found.at >= :?until_time::timestamptz + interval '1 day'
    ) AS found
    WHERE received_at >= :?from_time::timestamptz AND received_at < :?until_time::timestamptz
    LIMIT :?most_readings::integer + 1
)
SELECT kind, sensor_id, location, microseconds(time) AS at
FROM (
    SELECT kind, sensor_id, location, received_at AS time FROM received
    UNION ALL
    SELECT 'retired', sensor_id, NULL, retired_at FROM retired_sensor WHERE retired_at >= :?from_time::timestamptz AND retired_at < :?until_time::timestamptz
    UNION ALL
    SELECT 'end', NULL, NULL, CASE WHEN (SELECT max(lag) FROM progress) > 0
        THEN least(:?until_time::timestamptz, greatest((SELECT max(last_received_at) FROM series_activity), (SELECT max(received_at) FROM received))) ELSE :?until_time::timestamptz END
) AS events
ORDER BY time, kind
