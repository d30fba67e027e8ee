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
    SELECT line, interval_number, as_time("first"[1]) AS first_at, "first"[2]::integer AS first_series, "first"[3]::integer AS first_position,
           as_time("last"[1]) AS last_at, "last"[2]::integer AS last_series, "last"[3]::integer AS last_position
    FROM (SELECT line, width_bucket(hour, bounds) AS interval_number,
                 min(ARRAY[microseconds(first_at), series_id, "position"]) AS "first", max(ARRAY[microseconds(last_at), series_id, "position"]) AS "last"
          FROM by_hour CROSS JOIN asked
          GROUP BY line, interval_number) AS found
    -- Times are computed before they are compared: row security would keep the comparison from using the index.
    OFFSET 0
)
SELECT sensor_id, location, interval_number, first_reading.value AS "first", last_reading.value AS "last", (SELECT count(*) > 1000000 FROM by_hour) AS are_too_many
FROM ends JOIN (SELECT DISTINCT line, sensor_id, location FROM chosen) AS named USING (line)
LEFT JOIN LATERAL (SELECT "values"[first_position] AS value FROM reading WHERE series_id = first_series AND at = first_at OFFSET 0) AS first_reading ON true
LEFT JOIN LATERAL (SELECT "values"[last_position] AS value FROM reading WHERE series_id = last_series AND at = last_at OFFSET 0) AS last_reading ON true
ORDER BY line, interval_number
-- One more than the maximum number of points.
LIMIT 100001
