-- Who copies a batch adds it to rollup_hour itself, soon after. Only what it did not, because it ended before or had too many
-- rows to keep in memory, is rolled up from the readings.

ALTER TABLE batch ADD COLUMN in_memory boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN batch.in_memory IS 'Whether who stored it was about to roll it up soon after';

-- Sums up the pages that the index does not yet: they would be read for any batch, here and by who asks for statistics. The
-- lock that this takes would, after a second, end an autovacuum that has it; so it waits less, and comes again.
CREATE FUNCTION sum_up_pages(first_at timestamptz, last_at timestamptz) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '100ms' AS $$
BEGIN
    PERFORM brin_summarize_new_values(indexrelid)
    FROM pg_inherits JOIN pg_index ON indexrelid = inhrelid JOIN reading_partition ON to_regclass(name) = indrelid
    WHERE inhparent = 'reading_batch'::regclass AND from_time <= last_at AND until_time > first_at;
EXCEPTION WHEN lock_not_available THEN
    RETURN;
END $$;

-- Rolls up the oldest batches that nobody was about to roll up, or did not within the time "left_for", at most so many; answers
-- how many it was. One caller at a time does it, the others get 0. Partitions that grow this fast have no true statistics: the planner is told what is cheap.
CREATE FUNCTION roll_up_batches(most integer, left_for interval) RETURNS integer
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
    SELECT min(first_at), max(last_at) INTO earliest, latest FROM batch WHERE NOT rolled_up;
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

-- As programs of the version before call it, which can run beside a new one.
CREATE OR REPLACE FUNCTION roll_up_batches(most integer) RETURNS integer
LANGUAGE sql RETURN roll_up_batches(most, interval '20 seconds');
