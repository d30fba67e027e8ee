-- Who stores a batch adds it to rollup_hour itself, soon after. Only what it did not, because it ended before or had too many
-- rows to remember, is rolled up from the readings.

ALTER TABLE batch ADD COLUMN in_memory boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN batch.in_memory IS 'Whether who stored it is about to roll it up';

DROP FUNCTION roll_up_batches(integer);

-- Rolls up the oldest batches that nobody is about to roll up, or did not within a time, at most so many; answers how many it
-- was. One caller at a time does it, the others get 0. Partitions that grow this fast have no true statistics: the planner is told what is cheap.
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
    -- Pages that the index does not sum up yet are read for any batch, here and by who asks for statistics.
    PERFORM brin_summarize_new_values(indexrelid)
    FROM pg_inherits JOIN pg_index ON indexrelid = inhrelid JOIN reading_partition ON to_regclass(name) = indrelid
    WHERE inhparent = 'reading_batch'::regclass AND from_time <= latest AND until_time > earliest;
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
