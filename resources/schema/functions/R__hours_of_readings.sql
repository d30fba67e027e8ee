-- Adds up readings by hour, in the shape of rollup_hour: those of the given batches, or all if none are given, in a range of time; of all series, or
-- of a few, which are looked up in the key. In nearly all hours of a series the readings have the same few metrics: picking each by its position is several times
-- cheaper than unnest, which adds up the others. Each call is planned for the partitions of its range. Partitions that grow this fast have no true statistics: the
-- settings tell the planner what is cheap, or it reads all of them.
CREATE OR REPLACE FUNCTION hours_of_readings(batches bigint[], from_time timestamptz, until_time timestamptz, of_series integer[] DEFAULT NULL) RETURNS SETOF hour_rollup
LANGUAGE sql STABLE PARALLEL RESTRICTED SET enable_seqscan = off SET enable_sort = off SET work_mem = '64MB' SET jit = off SET plan_cache_mode = force_custom_plan AS $$
    WITH chosen AS NOT MATERIALIZED (
        SELECT series_id, date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00') AS hour, at, received_at, "values"
        FROM (
            SELECT reading.series_id, reading.at, reading.received_at, reading."values" FROM reading
            WHERE of_series IS NULL AND reading.at >= from_time AND reading.at < until_time
              -- Not coalesce: where row security holds, PostgreSQL trusts it too little to look into the index with it.
              AND reading.batch_id >= CASE WHEN batches IS NULL THEN 0 ELSE (SELECT min(b) FROM unnest(batches) AS b) END
              AND reading.batch_id <= CASE WHEN batches IS NULL THEN 9223372036854775807 ELSE (SELECT max(b) FROM unnest(batches) AS b) END
              AND (batches IS NULL OR reading.batch_id IN (SELECT unnest(batches)))
            UNION ALL
            SELECT stored.series_id, stored.at, stored.received_at, stored."values"
            FROM unnest(of_series) AS one (series_id)
            CROSS JOIN LATERAL (SELECT * FROM reading WHERE reading.series_id = one.series_id AND reading.at >= from_time AND reading.at < until_time OFFSET 0) AS stored
            WHERE batches IS NULL OR stored.batch_id IN (SELECT unnest(batches))
        ) AS found
    ), narrow AS MATERIALIZED (
        SELECT hour, series_id, count(*) AS readings, min(at) AS first_at, max(at) AS last_at, max(received_at) AS last_received_at,
               count(value_1) AS readings_1, sum(scaled(value_1)) AS total_1, min(value_1) AS lowest_1, max(value_1) AS highest_1,
               count(value_2) AS readings_2, sum(scaled(value_2)) AS total_2, min(value_2) AS lowest_2, max(value_2) AS highest_2,
               count(value_3) AS readings_3, sum(scaled(value_3)) AS total_3, min(value_3) AS lowest_3, max(value_3) AS highest_3,
               count(value_4) AS readings_4, sum(scaled(value_4)) AS total_4, min(value_4) AS lowest_4, max(value_4) AS highest_4,
               max(width) > 4 AS is_wide
        FROM (
            -- OFFSET 0 keeps the planner from looking up each value three times.
            SELECT hour, series_id, at, received_at, cardinality("values") AS width,
                   "values"[1] AS value_1, "values"[2] AS value_2, "values"[3] AS value_3, "values"[4] AS value_4
            FROM chosen OFFSET 0
        ) AS picked
        GROUP BY hour, series_id
    ), mixed AS MATERIALIZED (
        SELECT hour, series_id FROM narrow
        WHERE is_wide OR readings_1 NOT IN (0, readings) OR readings_2 NOT IN (0, readings) OR readings_3 NOT IN (0, readings) OR readings_4 NOT IN (0, readings)
    )
    SELECT hour, series_id, metric."position", narrow.readings,
           CASE metric."position" WHEN CASE narrow.readings WHEN readings_1 THEN 1 WHEN readings_2 THEN 2 WHEN readings_3 THEN 3 ELSE 4 END THEN narrow.readings ELSE 0 END,
           first_at, last_at, metric.scaled_total, metric.lowest, metric.highest, last_received_at
    FROM narrow
    CROSS JOIN LATERAL (VALUES (1::smallint, readings_1, total_1, lowest_1, highest_1), (2::smallint, readings_2, total_2, lowest_2, highest_2),
                               (3::smallint, readings_3, total_3, lowest_3, highest_3), (4::smallint, readings_4, total_4, lowest_4, highest_4)
    ) AS metric ("position", readings, scaled_total, lowest, highest)
    WHERE metric.readings > 0 AND ((hour, series_id) IN (SELECT hour, series_id FROM mixed)) IS NOT TRUE
    UNION ALL
    SELECT hour, series_id, metric."position"::smallint, count(*), count(*) FILTER (WHERE metric."position" = first_position("values")), min(at), max(at),
           sum(scaled(metric.value)), min(metric.value), max(metric.value), max(received_at)
    FROM chosen CROSS JOIN LATERAL unnest("values") WITH ORDINALITY AS metric (value, "position")
    -- The first condition spares a second look at the readings where there is nothing to add up.
    WHERE EXISTS (SELECT FROM mixed) AND ((hour, series_id) IN (SELECT hour, series_id FROM mixed)) IS TRUE AND metric.value IS NOT NULL
    GROUP BY hour, series_id, metric."position"
$$;
