-- Average, minimum, maximum and count of a metric in each interval. Hours that lie in one interval come from the statistics by
-- hour; of those in which an interval ends, each reading is looked at. Where that would be many, and coarse bounds are given, these are taken.
WITH chosen AS MATERIALIZED (
    SELECT series_id, array_position(metrics, :?metric::text)::smallint AS "position",
           CASE WHEN :?by::text = 'sensor' THEN sensor_id END AS sensor_id, CASE WHEN :?by::text <> 'all' THEN location END AS location
    FROM series
    WHERE :?metric::text = ANY (metrics)
      AND (:?sensor_id::text[] IS NULL OR sensor_id = ANY (:?sensor_id::text[]))
      AND (:?location::text[] IS NULL OR location = ANY (:?location::text[]))
), intervals AS MATERIALIZED (
    -- The starts of all intervals, and the end of the last one.
    SELECT bounds, bounds[1] AS from_time, bounds[cardinality(bounds)] AS until_time, is_coarse
    FROM (SELECT :?coarse_bounds::bigint[] IS NOT NULL AND 300000 <
                     (SELECT sum(readings) FROM rollup_hour JOIN chosen USING (series_id, "position")
                      WHERE hour >= to_timestamp((:?bounds::bigint[])[1]) AND hour < to_timestamp((:?bounds::bigint[])[cardinality(:?bounds::bigint[])])) AS is_coarse) AS known
    CROSS JOIN LATERAL (SELECT ARRAY(SELECT to_timestamp(bound) FROM unnest(CASE WHEN is_coarse THEN :?coarse_bounds::bigint[] ELSE :?bounds::bigint[] END) AS bound) AS bounds) AS given
), hours AS MATERIALIZED (
    SELECT hour, first_interval AS interval_number, first_interval = last_interval AS is_whole
    FROM intervals
    CROSS JOIN LATERAL generate_series(date_bin('1 hour', from_time, timestamptz '2000-01-01 00:00:00+00'), until_time - interval '1 microsecond', interval '1 hour') AS hour
    CROSS JOIN LATERAL (SELECT width_bucket(hour, bounds) AS first_interval, width_bucket(hour + interval '1 hour' - interval '1 microsecond', bounds) AS last_interval) AS numbers
), parts AS (
    SELECT interval_number, rollup_hour.series_id, rollup_hour."position", readings, scaled_total, lowest, highest
    FROM rollup_hour JOIN hours USING (hour)
    WHERE is_whole AND hour >= (SELECT from_time FROM intervals) AND hour < (SELECT until_time FROM intervals)
    UNION ALL
    -- What is not rolled up yet.
    SELECT interval_number, waiting.series_id, waiting."position", readings, scaled_total, lowest, highest
    FROM hours_of_readings((SELECT array_agg(batch_id) FROM batch WHERE NOT rolled_up), (SELECT from_time FROM intervals), (SELECT until_time FROM intervals)) AS waiting
    JOIN hours USING (hour)
    WHERE is_whole AND EXISTS (SELECT FROM batch WHERE NOT rolled_up)
    UNION ALL
    SELECT part.interval_number, chosen.series_id, chosen."position", readings, scaled_total, lowest, highest
    FROM intervals CROSS JOIN hours CROSS JOIN chosen
    CROSS JOIN LATERAL (SELECT width_bucket(stored.at, bounds) AS interval_number, count(*) AS readings, sum(stored.value / 1099511627776) AS scaled_total,
                               min(stored.value) AS lowest, max(stored.value) AS highest
                        FROM (SELECT reading.at, reading."values"[chosen."position"] AS value FROM reading
                              WHERE reading.series_id = chosen.series_id AND reading.at >= greatest(hours.hour, from_time)
                                AND reading.at < least(hours.hour + interval '1 hour', until_time) OFFSET 0) AS stored
                        GROUP BY 1) AS part
    WHERE NOT is_whole
)
SELECT sensor_id, location, interval_number, sum(readings)::bigint AS readings,
       sum(scaled_total) / sum(readings) * 1099511627776 AS average, min(lowest) AS lowest, max(highest) AS highest,
       (SELECT is_coarse FROM intervals) AS is_coarse
FROM parts JOIN chosen USING (series_id, "position")
GROUP BY sensor_id, location, interval_number
ORDER BY sensor_id, location, interval_number
-- One more than an answer may have.
LIMIT 100001
