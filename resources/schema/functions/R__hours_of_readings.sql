-- Adds up readings by hour, in the shape of rollup_hour: those of the given batches, or all if none are given, in a range of time.
-- Nearly all readings have few values: picking each by its place is several times cheaper than unnest. Partitions that grow this
-- fast have no true statistics: the settings tell the planner what is cheap, or it reads all of them.
CREATE OR REPLACE FUNCTION hours_of_readings(batches integer[], from_time timestamptz, until_time timestamptz)
RETURNS TABLE (hour timestamptz, series_id integer, "position" smallint, readings bigint,
               first_at timestamptz, last_at timestamptz, scaled_total float8, lowest float8, highest float8, last_received_at timestamptz)
LANGUAGE sql STABLE PARALLEL RESTRICTED SET enable_seqscan = off SET enable_sort = off SET work_mem = '64MB' SET jit = off AS $$
    WITH chosen AS NOT MATERIALIZED (
        SELECT reading.series_id, date_bin('1 hour', reading.at, timestamptz '2000-01-01 00:00:00+00') AS hour, reading.at, reading.received_at, reading."values"
        FROM reading
        WHERE reading.at >= from_time AND reading.at < until_time
          -- Not coalesce: where row security holds, PostgreSQL trusts it too little to look into the index with it.
          AND reading.batch_id >= CASE WHEN batches IS NULL THEN 0 ELSE (SELECT min(b) FROM unnest(batches) AS b) END
          AND reading.batch_id <= CASE WHEN batches IS NULL THEN 2147483647 ELSE (SELECT max(b) FROM unnest(batches) AS b) END
          AND (batches IS NULL OR reading.batch_id IN (SELECT unnest(batches)))
    )
    SELECT narrow.hour, narrow.series_id, metric."position", narrow.readings, narrow.first_at, narrow.last_at,
           metric.scaled_total, metric.lowest, metric.highest, narrow.last_received_at
    FROM (
        SELECT hour, series_id, count(*) AS readings, min(at) AS first_at, max(at) AS last_at, max(received_at) AS last_received_at,
               sum(scaled(value_1)) AS total_1, min(value_1) AS lowest_1, max(value_1) AS highest_1,
               sum(scaled(value_2)) AS total_2, min(value_2) AS lowest_2, max(value_2) AS highest_2,
               sum(scaled(value_3)) AS total_3, min(value_3) AS lowest_3, max(value_3) AS highest_3,
               sum(scaled(value_4)) AS total_4, min(value_4) AS lowest_4, max(value_4) AS highest_4
        FROM (
            -- OFFSET 0 keeps the planner from looking up each value three times.
            SELECT hour, series_id, at, received_at, "values"[1] AS value_1, "values"[2] AS value_2, "values"[3] AS value_3, "values"[4] AS value_4
            FROM chosen OFFSET 0
        ) AS picked
        GROUP BY hour, series_id
    ) AS narrow
    CROSS JOIN LATERAL (VALUES (1::smallint, total_1, lowest_1, highest_1), (2::smallint, total_2, lowest_2, highest_2),
                               (3::smallint, total_3, lowest_3, highest_3), (4::smallint, total_4, lowest_4, highest_4)
    ) AS metric ("position", scaled_total, lowest, highest)
    WHERE metric.scaled_total IS NOT NULL
    UNION ALL
    SELECT hour, series_id, (4 + metric."position")::smallint, count(*), min(at), max(at),
           sum(scaled(metric.value)), min(metric.value), max(metric.value), max(received_at)
    FROM chosen CROSS JOIN LATERAL unnest("values"[5:]) WITH ORDINALITY AS metric (value, "position")
    -- The first condition spares a second look at the readings where no series is that wide.
    WHERE EXISTS (SELECT FROM series WHERE cardinality(metrics) > 4) AND cardinality("values") > 4
    GROUP BY hour, series_id, metric."position"
$$;
