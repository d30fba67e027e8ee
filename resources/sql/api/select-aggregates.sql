-- Aggregates of a metric per interval that no rollup has, computed from the readings: first and last value, median, percentiles, standard deviation,
-- rate, mean direction.
WITH chosen AS MATERIALIZED (
    SELECT * FROM lines_of_chart(:?metric::text, :?by::text, :?sensor_id::text[], :?location::text[])
), asked AS MATERIALIZED (
    SELECT bounds, bounds[1] AS from_time, bounds[cardinality(bounds)] AS until_time,
           -- A rate begins with the reading before; there is none before 2000.
           CASE WHEN bounds[1] < '2000-01-01' THEN bounds[1] ELSE bounds[1] - greatest(bounds[2] - bounds[1], interval '1 hour') END AS rates_from
    FROM (SELECT ARRAY(SELECT to_timestamp(bound) FROM unnest(:?bounds::bigint[]) AS bound) AS bounds) AS given
), found AS NOT MATERIALIZED (
    SELECT line, series_id, at, value
    FROM (SELECT array_agg(series_id) AS series, array_agg("position"::integer) AS positions FROM chosen) AS all_of_them CROSS JOIN asked
    CROSS JOIN LATERAL values_between(series, positions, from_time, until_time) AS stored JOIN chosen USING (series_id)
), before AS (
    SELECT line, series_id, at, value
    FROM (SELECT array_agg(series_id) AS series, array_agg("position"::integer) AS positions FROM chosen) AS all_of_them CROSS JOIN asked
    CROSS JOIN LATERAL values_before(series, positions, rates_from, from_time) AS stored JOIN chosen USING (series_id)
    WHERE 'rate' = ANY (:?agg::text[])
), figures AS (
    SELECT line, width_bucket(at, bounds) AS interval_number, count(*) AS readings,
           -- Of several series' readings of the same time, the first is that of the lowest number, the last that of the highest.
           (min(ARRAY[microseconds(at), series_id, value]) FILTER (WHERE 'first' = ANY (:?agg::text[])))[3] AS "first",
           (max(ARRAY[microseconds(at), series_id, value]) FILTER (WHERE 'last' = ANY (:?agg::text[])))[3] AS "last",
           percentile_cont(ARRAY[0.05, 0.5, 0.95]) WITHIN GROUP (ORDER BY scaled(value)) FILTER (WHERE :?agg::text[] && '{p05,median,p95}') AS scaled_percentiles,
           CASE WHEN min(value) = max(value) AND count(*) > 1 THEN 0
                -- The squares of larger values cannot be added.
                WHEN max(abs(value)) < 1e150 THEN stddev_samp(value) FILTER (WHERE 'stddev' = ANY (:?agg::text[]) AND abs(value) < 1e150) END AS stddev,
           mean_direction(sum(sind(value)) FILTER (WHERE 'direction' = ANY (:?agg::text[])), sum(cosd(value)) FILTER (WHERE 'direction' = ANY (:?agg::text[]))) AS direction
    FROM found CROSS JOIN asked
    GROUP BY line, interval_number
), rates AS (
    SELECT line, interval_number, total_of(sum(scaled_rate)) AS rate
    FROM (
        SELECT line, series_id, width_bucket(at, bounds) AS interval_number, sum(scaled_increase) / sum(seconds) AS scaled_rate
        FROM (
            -- A counter that is lower than before began anew at 0.
            SELECT line, series_id, at, scaled(value) - CASE WHEN lag(value) OVER earlier <= value THEN scaled(lag(value) OVER earlier) ELSE 0 END AS scaled_increase,
                   date_part('epoch', at - lag(at) OVER earlier) AS seconds
            FROM (SELECT * FROM found WHERE 'rate' = ANY (:?agg::text[]) UNION ALL SELECT * FROM before) AS counted
            WINDOW earlier AS (PARTITION BY series_id ORDER BY at)
        ) AS step CROSS JOIN asked
        WHERE seconds IS NOT NULL AND at >= from_time
        GROUP BY line, series_id, interval_number
    ) AS rate_of_series
    GROUP BY line, interval_number
)
SELECT sensor_id, location, interval_number, readings, "first", "last", total_of(scaled_percentiles[1]) AS p05, total_of(scaled_percentiles[2]) AS median,
       total_of(scaled_percentiles[3]) AS p95, stddev, rate, direction
FROM figures LEFT JOIN rates USING (line, interval_number)
JOIN (SELECT DISTINCT line, sensor_id, location FROM chosen) AS named USING (line)
ORDER BY line, interval_number
-- One more than the maximum number of points.
LIMIT 100001
