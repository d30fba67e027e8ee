-- Statistics by hour, made from the ledger: a batch is either rolled up or not, so rollups and the readings of the batches
-- that are not yet rolled up together are every reading, once, at any moment.

ALTER TABLE batch
    ADD COLUMN first_at  timestamptz,
    ADD COLUMN last_at   timestamptz,
    ADD COLUMN rolled_up boolean NOT NULL DEFAULT false;
UPDATE batch SET first_at = stored.first_at, last_at = stored.last_at
FROM (SELECT batch_id, min(at) AS first_at, max(at) AS last_at FROM reading GROUP BY batch_id) AS stored
WHERE stored.batch_id = batch.batch_id;
UPDATE batch SET first_at = stored_at, last_at = stored_at WHERE first_at IS NULL;
ALTER TABLE batch
    ALTER COLUMN first_at SET NOT NULL,
    ALTER COLUMN last_at SET NOT NULL;
CREATE INDEX batch_not_rolled_up ON batch (batch_id) WHERE NOT rolled_up;
COMMENT ON COLUMN batch.first_at IS 'Time of its earliest reading';
COMMENT ON COLUMN batch.last_at IS 'Time of its latest reading';
COMMENT ON COLUMN batch.rolled_up IS 'Whether its readings are in rollup_hour';

-- Of both, because the readings of a batch are mostly of about the same time.
DROP INDEX reading_batch;
CREATE INDEX reading_batch ON reading USING brin (batch_id, at) WITH (pages_per_range = 16);

-- Stored plain, an array can be read where it lies; otherwise each look at a value would copy all of them first.
ALTER TABLE reading ALTER COLUMN "values" SET STORAGE PLAIN;

CREATE TABLE rollup_hour (
    hour         timestamptz NOT NULL,
    series_id    integer NOT NULL,
    "position"   smallint NOT NULL,
    readings     bigint NOT NULL,
    first_at     timestamptz NOT NULL,
    last_at      timestamptz NOT NULL,
    scaled_total float8 NOT NULL,
    lowest        float8 NOT NULL,
    highest         float8 NOT NULL,
    CONSTRAINT rollup_hour_identity PRIMARY KEY (hour, series_id, "position")
) PARTITION BY RANGE (hour);
CREATE INDEX rollup_hour_by_series ON rollup_hour (series_id, hour);
COMMENT ON TABLE rollup_hour IS 'The readings of a series in an hour, for each of its metrics';
COMMENT ON COLUMN rollup_hour."position" IS 'Place of the metric in series.metrics, from 1';
COMMENT ON COLUMN rollup_hour.scaled_total IS 'Sum of the values, each divided by 2^40: no digit is lost, and the largest numbers can be added';

CREATE TABLE rollup_partition (
    name       text PRIMARY KEY,
    from_time  timestamptz NOT NULL UNIQUE,
    until_time timestamptz NOT NULL CHECK (until_time > from_time)
);
COMMENT ON TABLE rollup_partition IS 'The partitions of rollup_hour, a month each';

-- Makes the partitions that rollups from one time to another need and that are not there yet.
CREATE FUNCTION make_rollup_partitions(first_at timestamptz, last_at timestamptz) RETURNS void
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    month timestamptz;
    partition_name text;
BEGIN
    FOR month IN SELECT m FROM generate_series(date_trunc('month', first_at), last_at, interval '1 month') AS m
                 WHERE m NOT IN (SELECT from_time FROM rollup_partition) LOOP
        PERFORM pg_advisory_xact_lock(hashtext('make_rollup_partitions'));
        CONTINUE WHEN EXISTS (SELECT FROM rollup_partition WHERE from_time = month);
        partition_name := 'rollup_hour_' || to_char(month, 'YYYYMM');
        -- Rows change while their hour lasts: room in each page lets a new version stay beside the old one.
        EXECUTE format('CREATE TABLE %I (LIKE rollup_hour INCLUDING ALL) WITH (fillfactor = 50)', partition_name);
        EXECUTE format('ALTER TABLE rollup_hour ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                       partition_name, month, month + interval '1 month');
        INSERT INTO rollup_partition VALUES (partition_name, month, month + interval '1 month');
    END LOOP;
END $$;

-- Adds to rollup_hour, an array a column; in the order of the key, so that two callers never wait for each other in a ring.
CREATE FUNCTION add_rollups(hours timestamptz[], series_ids integer[], positions smallint[], counts bigint[], first_times timestamptz[],
                            last_times timestamptz[], scaled_totals float8[], lows float8[], highs float8[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO rollup_hour AS known (hour, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest)
    SELECT * FROM unnest(hours, series_ids, positions, counts, first_times, last_times, scaled_totals, lows, highs)
        AS given (hour, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest)
    ORDER BY hour, series_id, "position"
    ON CONFLICT (hour, series_id, "position") DO UPDATE SET
        readings = known.readings + excluded.readings,
        first_at = least(known.first_at, excluded.first_at),
        last_at = greatest(known.last_at, excluded.last_at),
        scaled_total = known.scaled_total + excluded.scaled_total,
        lowest = least(known.lowest, excluded.lowest),
        highest = greatest(known.highest, excluded.highest)
$$;

-- Rolls up readings, in the shape of rollup_hour: those of the batches given, or of any if none are given, from a time on
-- and before another. Nearly all readings have few values: picking each by its place is several times cheaper than unnest.
CREATE FUNCTION hours_of_readings(batches integer[], from_time timestamptz, until_time timestamptz)
RETURNS TABLE (hour timestamptz, series_id integer, "position" smallint, readings bigint,
               first_at timestamptz, last_at timestamptz, scaled_total float8, lowest float8, highest float8)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH chosen AS NOT MATERIALIZED (
        SELECT reading.series_id, date_bin('1 hour', reading.at, timestamptz '2000-01-01 00:00:00+00') AS hour, reading.at, reading."values"
        FROM reading
        WHERE reading.at >= from_time AND reading.at < until_time
          AND reading.batch_id >= coalesce((SELECT min(b) FROM unnest(batches) AS b), 0)
          AND reading.batch_id <= coalesce((SELECT max(b) FROM unnest(batches) AS b), 2147483647)
          AND (batches IS NULL OR reading.batch_id IN (SELECT unnest(batches)))
    )
    SELECT narrow.hour, narrow.series_id, metric."position", narrow.readings, narrow.first_at, narrow.last_at,
           metric.scaled_total, metric.lowest, metric.highest
    FROM (
        SELECT hour, series_id, count(*) AS readings, min(at) AS first_at, max(at) AS last_at,
               sum(value_1 / 1099511627776) AS total_1, min(value_1) AS lowest_1, max(value_1) AS highest_1,
               sum(value_2 / 1099511627776) AS total_2, min(value_2) AS lowest_2, max(value_2) AS highest_2,
               sum(value_3 / 1099511627776) AS total_3, min(value_3) AS lowest_3, max(value_3) AS highest_3,
               sum(value_4 / 1099511627776) AS total_4, min(value_4) AS lowest_4, max(value_4) AS highest_4
        FROM (
            -- OFFSET 0 keeps the planner from looking up each value three times.
            SELECT hour, series_id, at, "values"[1] AS value_1, "values"[2] AS value_2, "values"[3] AS value_3, "values"[4] AS value_4
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
           sum(metric.value / 1099511627776), min(metric.value), max(metric.value)
    FROM chosen CROSS JOIN LATERAL unnest("values"[5:]) WITH ORDINALITY AS metric (value, "position")
    -- The first condition spares a second look at the readings where no series is that wide.
    WHERE EXISTS (SELECT FROM series WHERE cardinality(metrics) > 4) AND cardinality("values") > 4
    GROUP BY hour, series_id, metric."position"
$$;

-- Rolls up the oldest batches that are not rolled up yet, at most so many; answers how many it was. One caller at a time
-- does it, the others get 0. Partitions that grow this fast have no true statistics: the planner is told what is cheap.
CREATE FUNCTION roll_up_batches(most integer) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_sort = off SET work_mem = '64MB' SET jit = off AS $$
DECLARE
    chosen integer[];
    earliest timestamptz;
    latest timestamptz;
    end_time timestamptz;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('roll_up_batches')) THEN
        RETURN 0;
    END IF;
    SELECT array_agg(batch_id), min(first_at), max(last_at) INTO chosen, earliest, latest
    FROM (SELECT * FROM batch WHERE NOT rolled_up ORDER BY batch_id LIMIT most) AS waiting;
    IF chosen IS NULL THEN
        RETURN 0;
    END IF;
    -- Pages that the index does not sum up yet are read for any batch.
    PERFORM brin_summarize_new_values(indexrelid)
    FROM pg_inherits JOIN pg_index ON indexrelid = inhrelid JOIN reading_partition ON to_regclass(name) = indrelid
    WHERE inhparent = 'reading_batch'::regclass AND from_time <= latest AND until_time > earliest;
    PERFORM make_rollup_partitions(earliest, latest);
    -- Computed here: in the statement it would be computed for each reading.
    end_time := latest + interval '1 microsecond';
    PERFORM add_rollups(array_agg(hour), array_agg(series_id), array_agg("position"), array_agg(readings), array_agg(first_at),
                        array_agg(last_at), array_agg(scaled_total), array_agg(lowest), array_agg(highest))
    FROM hours_of_readings(chosen, earliest, end_time);
    UPDATE batch SET rolled_up = true WHERE batch_id = ANY (chosen);
    RETURN cardinality(chosen);
END $$;

GRANT SELECT ON rollup_hour TO sensor_pipeline_reader;
GRANT SELECT (batch_id, rolled_up) ON batch TO sensor_pipeline_reader;
ALTER TABLE rollup_hour ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rollups ON rollup_hour FOR SELECT TO sensor_pipeline_reader
    USING (series_id IN (SELECT series_id FROM series));
