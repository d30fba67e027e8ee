-- Average, minimum, maximum and count of a metric per interval. Hours within one interval come from the hourly rollups. In a chart of all sensors, hours that contain an interval
-- boundary come from the totals by minute if these have all readings of the hour; otherwise they are computed from readings. If that would be very many readings, and coarse bounds are
-- given, the coarse bounds are used.
WITH chosen AS MATERIALIZED (
    SELECT series_id, array_position(metrics, :?metric::text)::smallint AS "position",
           CASE WHEN :?by::text = 'sensor' THEN sensor_id END AS sensor_id, CASE WHEN :?by::text <> 'all' THEN location END AS location
    FROM chosen_series(:?sensor_id::text[], :?location::text[], :?metric::text)
), few AS MATERIALIZED (
    SELECT CASE WHEN count(*) <= 200 THEN coalesce(array_agg(series_id), '{}') END AS series FROM chosen
), asked AS MATERIALIZED (
    SELECT from_time, date_bin('1 hour', from_time, timestamptz '2000-01-01 00:00:00+00') AS first_hour, until_time, is_total, is_parted, fine,
           -- The totals by minute are read.
           is_total AND is_parted AND coalesce(:?agg::text[] <@ '{sum}', true) AND NOT EXISTS (SELECT FROM unnest(fine) AS bound WHERE bound <> minute_of(bound)) AS is_by_minute,
           -- Of many series, all rows of an hour are read.
           is_total OR (SELECT series IS NULL FROM few) AND 10 * (SELECT count(*) FROM chosen) > (SELECT count(*) FROM series) AS is_many,
           -- No other series has another metric at these positions.
           NOT is_total AND (SELECT series IS NULL FROM few) AND (
               SELECT count(DISTINCT "position") = 1 AND count(*) = (SELECT count(*) FROM series WHERE cardinality(metrics) >= (SELECT min("position") FROM chosen))
               FROM chosen) AS is_all
    FROM (SELECT ARRAY(SELECT to_timestamp(bound) FROM unnest(:?bounds::bigint[]) AS bound) AS fine,
                 ARRAY(SELECT to_timestamp(bound) FROM unnest(:?coarse_bounds::bigint[]) AS bound) AS coarse,
                 :?sensor_id::text[] IS NULL AND :?location::text[] IS NULL AND :?by::text = 'all' AS is_total) AS given
    CROSS JOIN LATERAL (SELECT least(fine[1], coarse[1]) AS from_time, greatest(fine[cardinality(fine)], coarse[cardinality(coarse)]) AS until_time,
                               -- Some hours contain an interval boundary.
                               EXISTS (SELECT FROM unnest(fine) AS bound WHERE bound <> date_bin('1 hour', bound, timestamptz '2000-01-01 00:00:00+00')) AS is_parted) AS range
), hours AS MATERIALIZED (
    -- Only hours that can contain data, so that a range of a thousand years can be queried.
    SELECT DISTINCT hour FROM asked
    CROSS JOIN (SELECT from_time, until_time FROM rollup_partition UNION ALL SELECT from_time, until_time FROM reading_partition) AS listed
    CROSS JOIN LATERAL generate_series(greatest(first_hour, listed.from_time), least(asked.until_time, listed.until_time) - interval '1 microsecond', interval '1 hour') AS hour
    WHERE (is_parted OR is_many AND NOT is_total) AND listed.from_time < asked.until_time AND listed.until_time > first_hour
), by_hour AS MATERIALIZED (
    -- The hourly totals of all sensors are precomputed.
    SELECT hour, NULL::integer AS series_id, readings, scaled_total, lowest, highest
    FROM asked CROSS JOIN LATERAL (SELECT hour, readings, scaled_total, lowest, highest FROM rollup_total
                                   WHERE group_id = (SELECT group_id FROM series_group WHERE kind = 'all') AND metric = :?metric::text AND hour >= first_hour AND hour < until_time
                                   UNION ALL
                                   SELECT hour, readings, scaled_total, lowest, highest FROM pending_total CROSS JOIN unnest(totals) WHERE metric = :?metric::text AND hour >= first_hour AND hour < until_time
                                   OFFSET 0) AS stored
    WHERE is_total
    UNION ALL
    SELECT hour, series_id, readings, scaled_total, lowest, highest
    FROM asked CROSS JOIN chosen
    CROSS JOIN LATERAL (SELECT hour, readings, scaled_total, lowest, highest FROM rollup_hour
                        -- 0 is added so that hours are looked up by series, not in each hour the series: of one series, that is twice as fast.
                        WHERE rollup_hour.series_id = chosen.series_id AND rollup_hour."position" + 0 = chosen."position"
                          AND hour >= first_hour AND hour < until_time OFFSET 0) AS stored
    WHERE NOT is_many AND NOT is_total
    UNION ALL
    SELECT hour, NULL, readings, scaled_total, lowest, highest
    FROM asked CROSS JOIN hours
    CROSS JOIN LATERAL (SELECT sum(readings)::bigint AS readings, sum(scaled_total) AS scaled_total, min(lowest) AS lowest, max(highest) AS highest
                        FROM rollup_hour
                        WHERE rollup_hour.hour = hours.hour AND "position" = ANY (ARRAY(SELECT DISTINCT "position" FROM chosen))
                          -- IS TRUE enforces a hashed subplan, whatever number of rows the planner expects.
                          AND (is_all OR ((series_id, "position") IN (SELECT series_id, "position" FROM chosen)) IS TRUE)) AS stored
    WHERE is_many AND :?by::text = 'all' AND NOT is_total AND readings > 0
    UNION ALL
    SELECT hour, series_id, readings, scaled_total, lowest, highest
    FROM asked CROSS JOIN hours
    CROSS JOIN LATERAL (SELECT series_id, readings, scaled_total, lowest, highest FROM rollup_hour
                        WHERE rollup_hour.hour = hours.hour AND "position" = ANY (ARRAY(SELECT DISTINCT "position" FROM chosen))
                          AND (is_all OR ((series_id, "position") IN (SELECT series_id, "position" FROM chosen)) IS TRUE) OFFSET 0) AS stored
    WHERE is_many AND :?by::text <> 'all'
    UNION ALL
    -- Readings that are not rolled up yet.
    SELECT hour, series_id, readings, scaled_total, lowest, highest
    FROM pending_hours((SELECT from_time FROM asked), (SELECT until_time FROM asked), (SELECT series FROM few)) AS waiting
    WHERE EXISTS (SELECT FROM batch WHERE NOT rolled_up) AND NOT (SELECT is_total FROM asked) AND ((series_id, "position") IN (SELECT series_id, "position" FROM chosen)) IS TRUE
), by_minute AS MATERIALIZED (
    -- By hour and interval, of hours whose minutes have all readings.
    SELECT hour, interval_number, minutes.readings, minutes.scaled_total, minutes.lowest, minutes.highest
    FROM (
        SELECT date_bin('1 hour', minute, timestamptz '2000-01-01 00:00:00+00') AS hour, width_bucket(minute, fine) AS interval_number,
               sum(readings) AS readings, sum(scaled_total) AS scaled_total, min(lowest) AS lowest, max(highest) AS highest,
               sum(sum(readings)) OVER (PARTITION BY date_bin('1 hour', minute, timestamptz '2000-01-01 00:00:00+00')) AS readings_of_hour
        FROM asked CROSS JOIN LATERAL (SELECT minute, readings, scaled_total, lowest, highest FROM rollup_total_minute
                                       WHERE group_id = (SELECT group_id FROM series_group WHERE kind = 'all') AND metric = :?metric::text AND minute >= first_hour AND minute < until_time + interval '1 hour'
                                       UNION ALL
                                       SELECT minute_of(first_at), readings, scaled_total, lowest, highest FROM pending_total CROSS JOIN unnest(totals)
                                       WHERE metric = :?metric::text AND hour >= first_hour AND hour < until_time AND minute_of(first_at) = minute_of(last_at)
                                       OFFSET 0) AS stored
        WHERE is_by_minute
        GROUP BY 1, 2
    ) AS minutes
    JOIN (SELECT hour, sum(readings) AS readings FROM by_hour WHERE (SELECT is_by_minute FROM asked) GROUP BY hour) AS total USING (hour)
    WHERE readings_of_hour = total.readings
), intervals AS MATERIALIZED (
    -- The starts of all intervals, and the end of the last one.
    SELECT is_coarse, ARRAY(SELECT to_timestamp(bound) FROM unnest(CASE WHEN is_coarse THEN :?coarse_bounds::bigint[] ELSE :?bounds::bigint[] END) AS bound) AS bounds
    FROM (SELECT coalesce(:?coarse_bounds::bigint[] IS NOT NULL AND (SELECT sum(readings) FROM by_hour WHERE (hour IN (SELECT hour FROM by_minute)) IS NOT TRUE) > 300000, false) AS is_coarse OFFSET 0) AS known
), parted_spans AS MATERIALIZED (
    -- Hours in which an interval ends; those that follow one another are one span.
    SELECT greatest(first_hour, bounds[1]) AS from_time, least(end_hour, bounds[cardinality(bounds)]) AS until_time
    FROM (
        SELECT min(hour) AS first_hour, max(hour) + interval '1 hour' AS end_hour
        FROM (
            SELECT hour, hour - row_number() OVER (ORDER BY hour) * interval '1 hour' AS span
            -- OFFSET 0 keeps the bounds out of each row.
            FROM (SELECT hour FROM hours CROSS JOIN intervals
                  WHERE width_bucket(hour, bounds) <> width_bucket(hour + interval '1 hour' - interval '1 microsecond', bounds) OFFSET 0) AS parted
            -- Where hourly rollups are kept, only hours that have any; from the first minutes on, those that by_minute lacks.
            WHERE (hour <@ (SELECT range_agg(tstzrange(from_time, until_time)) FROM rollup_partition WHERE NOT leaving)) IS NOT TRUE
               OR hour >= (SELECT min(hour) FROM by_hour)
                  AND (coalesce(hour < (SELECT min(hour) FROM by_minute), true) OR hour IN (SELECT hour FROM by_hour EXCEPT SELECT hour FROM by_minute))
        ) AS numbered
        GROUP BY span
    ) AS spans CROSS JOIN intervals
), parts AS MATERIALIZED (
    SELECT first_interval AS interval_number, series_id, readings, scaled_total, lowest, highest
    FROM by_hour CROSS JOIN intervals
    CROSS JOIN LATERAL (SELECT width_bucket(hour, bounds) AS first_interval, width_bucket(hour + interval '1 hour' - interval '1 microsecond', bounds) AS last_interval) AS numbers
    WHERE first_interval = last_interval
    UNION ALL
    SELECT interval_number, NULL, readings, scaled_total, lowest, highest
    FROM by_minute CROSS JOIN intervals
    WHERE NOT is_coarse AND width_bucket(hour, bounds) <> width_bucket(hour + interval '1 hour' - interval '1 microsecond', bounds)
    UNION ALL
    SELECT part.* FROM asked CROSS JOIN intervals CROSS JOIN parted_spans
    CROSS JOIN (SELECT array_agg(series_id) AS series, array_agg("position"::integer) AS positions FROM chosen WHERE EXISTS (SELECT FROM parted_spans)) AS chosen_in_parts
    CROSS JOIN LATERAL parts_between(series, positions, bounds, parted_spans.from_time, parted_spans.until_time, :?by::text <> 'all' OR NOT is_many) AS part
)
SELECT sensor_id, location, interval_number, sum(readings)::bigint AS readings,
       average_of(sum(scaled_total), sum(readings)) AS average, total_of(sum(scaled_total)) AS total, min(lowest) AS lowest, max(highest) AS highest,
       (SELECT is_coarse FROM intervals) AS is_coarse, (SELECT sum(readings) FROM parts)::bigint AS readings_of_all
-- A full join enforces a hash join, whatever number of rows the planner expects. The totals of all have no series.
FROM (SELECT interval_number, series_id, sum(readings) AS readings, sum(scaled_total) AS scaled_total, min(lowest) AS lowest, max(highest) AS highest
      FROM parts GROUP BY interval_number, series_id) AS part
FULL JOIN (SELECT * FROM chosen WHERE NOT (SELECT is_total FROM asked)) AS chosen USING (series_id)
WHERE coalesce(interval_number, 0) BETWEEN 1 AND (SELECT cardinality(bounds) - 1 FROM intervals)
GROUP BY sensor_id, location, interval_number
ORDER BY sensor_id COLLATE "C", location COLLATE "C", interval_number
-- One more than the maximum number of points.
LIMIT 100001
