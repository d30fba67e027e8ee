-- First and last value of a metric per interval of whole hours: the hourly rollups tell their times, by which the readings are looked up.
WITH chosen AS MATERIALIZED (
    SELECT * FROM lines_of_chart(:?metric::text, :?by::text, :?sensor_id::text[], :?location::text[])
), asked AS MATERIALIZED (
    SELECT bounds, bounds[1] AS from_time, bounds[cardinality(bounds)] AS until_time,
           (SELECT CASE WHEN count(*) <= 200 THEN coalesce(array_agg(series_id), '{}') END FROM chosen) AS few
    FROM (SELECT ARRAY(SELECT to_timestamp(bound) FROM unnest(:?bounds::bigint[]) AS bound) AS bounds) AS given
), by_hour AS MATERIALIZED (
    SELECT line, hour, chosen.series_id, chosen."position", first_at, last_at
    FROM asked CROSS JOIN chosen
    CROSS JOIN LATERAL (SELECT hour, first_at, last_at FROM rollup_hour
                        WHERE rollup_hour.series_id = chosen.series_id AND rollup_hour."position" = chosen."position" AND hour >= from_time AND hour < until_time OFFSET 0) AS stored
    UNION ALL
    SELECT line, hour, series_id, "position", first_at, last_at
    FROM pending_hours((SELECT from_time FROM asked), (SELECT until_time FROM asked), (SELECT few FROM asked)) JOIN chosen USING (series_id, "position")
    WHERE EXISTS (SELECT FROM batch WHERE NOT rolled_up)
    -- One more than the maximum.
    LIMIT 1000001
), ends AS MATERIALIZED (
    SELECT row_number() OVER () AS number, line, interval_number, as_time("first"[1]) AS first_at, "first"[2]::integer AS first_series, "first"[3]::integer AS first_position,
           as_time("last"[1]) AS last_at, "last"[2]::integer AS last_series, "last"[3]::integer AS last_position
    FROM (SELECT line, width_bucket(hour, bounds) AS interval_number,
                 min(ARRAY[microseconds(first_at), series_id, "position"]) AS "first", max(ARRAY[microseconds(last_at), series_id, "position"]) AS "last"
          FROM by_hour CROSS JOIN asked
          GROUP BY line, interval_number) AS found
)
SELECT sensor_id, location, interval_number, first_reading.value AS "first", last_reading.value AS "last", (SELECT count(*) > 1000000 FROM by_hour) AS are_too_many
FROM ends JOIN (SELECT DISTINCT line, sensor_id, location FROM chosen) AS named USING (line)
LEFT JOIN values_at(ARRAY(SELECT first_series FROM ends ORDER BY number), ARRAY(SELECT first_at FROM ends ORDER BY number), ARRAY(SELECT first_position FROM ends ORDER BY number)) AS first_reading USING (number)
LEFT JOIN values_at(ARRAY(SELECT last_series FROM ends ORDER BY number), ARRAY(SELECT last_at FROM ends ORDER BY number), ARRAY(SELECT last_position FROM ends ORDER BY number)) AS last_reading USING (number)
ORDER BY line, interval_number
-- One more than the maximum number of points.
LIMIT 100001
