-- Answers while tens of thousands of readings a second are stored. The index that finds the readings of a batch is kept up also while all
-- batches are rolled up as they are stored: before, pages that it did not sum up piled up until autovacuum came, and
-- statistics read all of them whenever a batch waited.

-- From the newest pages of a partition back to the first that are summed up: what that costs depends on the pages that are new. The
-- lock that this takes would, after a second, end an autovacuum that has it; so it waits less, and comes again.
CREATE OR REPLACE FUNCTION sum_up_pages(first_at timestamptz, last_at timestamptz) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '100ms' AS $$
DECLARE
    partition record;
    page bigint;
BEGIN
    FOR partition IN
        SELECT indexrelid AS index, pg_relation_size(indrelid) / current_setting('block_size')::integer AS pages,
               (SELECT option_value::integer FROM pg_options_to_table(reloptions) WHERE option_name = 'pages_per_range') AS pages_per_range
        FROM pg_inherits JOIN pg_index ON indexrelid = inhrelid JOIN pg_class ON oid = indexrelid JOIN reading_partition ON to_regclass(name) = indrelid
        WHERE inhparent = 'reading_batch'::regclass AND from_time <= last_at AND until_time > first_at
    LOOP
        page := partition.pages - 1;
        WHILE page >= 0 AND brin_summarize_range(partition.index, page) > 0 LOOP
            page := page - partition.pages_per_range;
        END LOOP;
    END LOOP;
EXCEPTION WHEN lock_not_available THEN
    RETURN;
END $$;

-- Rolls up readings, in the shape of rollup_hour: those of the batches given, or of any if none are given, from a time on
-- and before another. Nearly all readings have few values: picking each by its place is several times cheaper than unnest.
-- Partitions that grow this fast have no true statistics: the planner is told here as well what is cheap, or it reads all of them.
CREATE OR REPLACE FUNCTION hours_of_readings(batches integer[], from_time timestamptz, until_time timestamptz)
RETURNS TABLE (hour timestamptz, series_id integer, "position" smallint, readings bigint,
               first_at timestamptz, last_at timestamptz, scaled_total float8, lowest float8, highest float8)
LANGUAGE sql STABLE PARALLEL RESTRICTED SET enable_seqscan = off SET enable_sort = off SET work_mem = '64MB' SET jit = off AS $$
    WITH chosen AS NOT MATERIALIZED (
        SELECT reading.series_id, date_bin('1 hour', reading.at, timestamptz '2000-01-01 00:00:00+00') AS hour, reading.at, reading."values"
        FROM reading
        WHERE reading.at >= from_time AND reading.at < until_time
          -- Not coalesce: where row security holds, PostgreSQL trusts it too little to look into the index with it.
          AND reading.batch_id >= CASE WHEN batches IS NULL THEN 0 ELSE (SELECT min(b) FROM unnest(batches) AS b) END
          AND reading.batch_id <= CASE WHEN batches IS NULL THEN 2147483647 ELSE (SELECT max(b) FROM unnest(batches) AS b) END
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

-- What is cheap for readings is not for the join with series: without this, who rolls up from the readings compares each row with each series.
ALTER FUNCTION add_rollups(timestamptz[], integer[], smallint[], bigint[], timestamptz[], timestamptz[], float8[], float8[], float8[])
    SET enable_seqscan = on SET enable_sort = on;

CREATE OR REPLACE FUNCTION roll_up_batches(most integer, left_for interval) RETURNS integer
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
    SELECT min(first_at), max(last_at) INTO earliest, latest
    FROM (SELECT first_at, last_at FROM batch WHERE NOT rolled_up
          UNION ALL (SELECT first_at, last_at FROM batch ORDER BY batch_id DESC LIMIT 100)) AS lately;
    PERFORM sum_up_pages(earliest, latest);
    SELECT array_agg(batch_id), min(first_at), max(last_at) INTO chosen, earliest, latest
    FROM (SELECT * FROM batch WHERE NOT rolled_up AND NOT (in_memory AND stored_at > now() - left_for)
          ORDER BY batch_id LIMIT most FOR UPDATE SKIP LOCKED) AS waiting;
    IF chosen IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM make_rollup_partitions(earliest, latest);
    -- Computed here: in the statement it would be computed for each reading.
    end_time := latest + interval '1 microsecond';
    PERFORM add_rollups(array_agg(hour), array_agg(series_id), array_agg("position"), array_agg(readings), array_agg(first_at),
                        array_agg(last_at), array_agg(scaled_total), array_agg(lowest), array_agg(highest))
    FROM hours_of_readings(chosen, earliest, end_time);
    UPDATE batch SET rolled_up = true WHERE batch_id = ANY (chosen);
    RETURN cardinality(chosen);
END $$;

-- Readings of some sensors and locations, and with some metric (null: of all) from one time on and before another, in the order
-- of their times and series. Hours and their slices, of about so many readings, are looked at only as far as rows are asked for, and in
-- a slice only series that have readings there: what it costs depends on the rows that are read, not on those that are
-- stored. Not to be run in parallel, which would lose the order.
CREATE OR REPLACE FUNCTION readings_in_order(sensors text[], locations text[], metric text, from_time timestamptz, until_time timestamptz, newest_first boolean, slice_size integer)
RETURNS TABLE (series_id integer, sensor_id text, location text, metrics text[], at timestamptz, received_at timestamptz, "values" float8[], attributes jsonb)
LANGUAGE sql STABLE PARALLEL UNSAFE AS $$
    WITH chosen AS NOT MATERIALIZED (
        SELECT series_id FROM series
        WHERE (sensors IS NULL OR sensor_id = ANY (sensors)) AND (locations IS NULL OR location = ANY (locations))
          AND (metric IS NULL OR metric = ANY (metrics))
    ), unrolled AS MATERIALIZED (
        -- What is not in the statistics yet. Where that is very much, to look for it in each series is cheaper than to read it.
        SELECT batch_id, first_at, last_at, readings,
               last_at - first_at < interval '2 hours'
               AND (SELECT sum(readings) FROM batch WHERE NOT rolled_up) > 20 * (SELECT count(*) FROM chosen) AS is_looked_for
        FROM batch WHERE NOT rolled_up
    )
    SELECT found.series_id, found.sensor_id, found.location, found.metrics, found.at, found.received_at, found."values", found.attributes
    FROM (
        SELECT hour FROM reading_partition AS listed
        -- Partitions reach into the future.
        CROSS JOIN (SELECT greatest((SELECT max(hour) FROM rollup_total), (SELECT max(last_at) FROM unrolled)) + interval '1 hour' AS end_time) AS known
        CROSS JOIN LATERAL generate_series(
            date_bin('1 hour', greatest(from_time, listed.from_time), timestamptz '2000-01-01 00:00:00+00'),
            least(until_time, listed.until_time, known.end_time) - interval '1 microsecond', interval '1 hour') AS hour
        WHERE listed.from_time < readings_in_order.until_time AND listed.until_time > readings_in_order.from_time
        ORDER BY CASE WHEN newest_first THEN -date_part('epoch', hour) ELSE date_part('epoch', hour) END
    ) AS hours
    CROSS JOIN LATERAL (
        SELECT array_agg(series_id) AS series_ids, array_agg(first_at) AS first_times, array_agg(last_at) AS last_times,
               min(first_at) AS first_at, max(last_at) + interval '1 microsecond' AS end_at, sum(readings)::bigint AS readings
        FROM (
            SELECT series_id, first_at, last_at, readings FROM rollup_hour
            WHERE rollup_hour.hour = hours.hour AND "position" = 1 AND sensors IS NULL AND locations IS NULL AND metric IS NULL
            UNION ALL
            SELECT series_id, first_at, last_at, readings FROM chosen JOIN rollup_hour USING (series_id)
            WHERE rollup_hour.hour = hours.hour AND "position" = 1 AND NOT (sensors IS NULL AND locations IS NULL AND metric IS NULL)
            UNION ALL
            SELECT series_id, min(waiting.at), max(waiting.at), count(*) FROM reading AS waiting
            WHERE EXISTS (SELECT FROM unrolled WHERE NOT is_looked_for)
              AND waiting.batch_id = ANY (ARRAY(SELECT batch_id FROM unrolled WHERE NOT is_looked_for))
              AND waiting.batch_id >= (SELECT min(batch_id) FROM unrolled WHERE NOT is_looked_for)
              AND waiting.at >= hours.hour AND waiting.at < hours.hour + interval '1 hour'
              -- The same for all hours: so partitions outside are left out before the first one is looked at.
              AND waiting.at >= readings_in_order.from_time AND waiting.at < readings_in_order.until_time
              AND (sensors IS NULL AND locations IS NULL AND metric IS NULL OR series_id IN (SELECT series_id FROM chosen))
            GROUP BY series_id
            UNION ALL
            SELECT series_id, greatest(looked_for.first_at, hours.hour), least(looked_for.last_at, hours.hour + interval '1 hour' - interval '1 microsecond'),
                   looked_for.readings / count(*) OVER ()
            FROM (
                SELECT min(first_at) AS first_at, max(last_at) AS last_at, sum(readings)::bigint AS readings FROM unrolled
                WHERE is_looked_for AND first_at < hours.hour + interval '1 hour' AND last_at >= hours.hour
            ) AS looked_for
            -- OFFSET 0 keeps the planner from looking at all series before it knows whether there is anything to look for.
            CROSS JOIN LATERAL (SELECT series_id FROM chosen WHERE looked_for.readings > 0 OFFSET 0) AS chosen
        ) AS active
    ) AS active
    -- OFFSET 0 keeps the planner from reckoning with hours that have nothing in the asked time.
    CROSS JOIN LATERAL (SELECT greatest(from_time, active.first_at) AS first_at, least(until_time, active.end_at) AS end_at
                        WHERE greatest(from_time, active.first_at) < least(until_time, active.end_at) AND active.end_at IS NOT NULL OFFSET 0) AS asked
    -- As many slices as the asked part of the hour has, if its readings are spread evenly.
    CROSS JOIN LATERAL (SELECT greatest(1, (readings * greatest(0, date_part('epoch', asked.end_at - asked.first_at))
                                            / date_part('epoch', active.end_at - active.first_at) / slice_size)::bigint) AS slices) AS needed
    CROSS JOIN LATERAL (SELECT (asked.end_at - asked.first_at) / slices AS width) AS sliced
    -- So many newest readings come from as many series at most: those with the newest last times. From the oldest of these times on there
    -- is a slice of its own, for which no other series is looked at, unless that is longer than a slice is anyway.
    CROSS JOIN LATERAL (SELECT coalesce((
            SELECT last_at FROM unnest(last_times) AS last_at
            WHERE newest_first AND last_at < asked.end_at AND last_at > asked.end_at - width
            ORDER BY last_at DESC OFFSET greatest(0, slice_size / 2 - 1) LIMIT 1), asked.end_at) AS newest_from) AS newest
    CROSS JOIN LATERAL (
        SELECT newest_from AS first_at, asked.end_at WHERE newest_from < asked.end_at
        UNION ALL
        -- Numbered one by one, as far as they are asked for: a busy hour has many. The width is rounded: none may begin or end after the asked time, and the last one ends with it.
        SELECT least(newest_from, asked.first_at + width * CASE WHEN newest_first THEN slices - slice ELSE slice - 1 END) AS first_at,
               CASE slice WHEN CASE WHEN newest_first THEN 1 ELSE slices END THEN newest_from
                    ELSE least(newest_from, asked.first_at + width * CASE WHEN newest_first THEN slices - slice + 1 ELSE slice END) END AS end_at
        FROM (SELECT generate_series(1, slices) AS slice) AS numbered
    ) AS slice
    CROSS JOIN LATERAL (
        SELECT named.sensor_id, named.location, named.metrics, stored.*
        FROM (SELECT DISTINCT s.series_id FROM unnest(series_ids, first_times, last_times) AS s (series_id, first_at, last_at)
              WHERE s.last_at >= slice.first_at AND s.first_at < slice.end_at) AS s
        JOIN series AS named USING (series_id)
        -- OFFSET 0 keeps the planner from reading the whole table to join it.
        CROSS JOIN LATERAL (SELECT * FROM reading WHERE reading.series_id = s.series_id AND reading.at >= slice.first_at AND reading.at < slice.end_at
                              AND reading.at >= readings_in_order.from_time AND reading.at < readings_in_order.until_time
                            OFFSET 0) AS stored
        ORDER BY CASE WHEN newest_first THEN -date_part('epoch', stored.at) ELSE date_part('epoch', stored.at) END,
                 CASE WHEN newest_first THEN -stored.series_id ELSE stored.series_id END
    ) AS found
$$;
