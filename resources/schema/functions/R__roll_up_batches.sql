-- Rolls up the oldest batches that nobody was about to roll up, or did not within the time "left_for", at most so many; answers
-- how many it was. One caller at a time does it, the others get 0.
CREATE OR REPLACE FUNCTION roll_up_batches(most integer, left_for interval) RETURNS integer
LANGUAGE plpgsql SET lock_timeout = '30s' SET enable_seqscan = off SET enable_sort = off SET work_mem = '64MB' SET jit = off AS $$
DECLARE
    chosen bigint[];
    earliest timestamptz;
    latest timestamptz;
    end_time timestamptz;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('roll_up_batches')) THEN
        RETURN 0;
    END IF;
    SELECT array_agg(batch_id), min(first_at), max(last_at) INTO chosen, earliest, latest
    FROM (SELECT * FROM batch WHERE NOT rolled_up AND NOT (in_memory AND stored_at > now() - left_for)
          ORDER BY batch_id LIMIT most FOR UPDATE SKIP LOCKED) AS waiting;
    IF chosen IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM make_rollup_partitions(earliest, latest);
    -- Computed here: in the statement it would be computed for each reading.
    end_time := latest + interval '1 microsecond';
    PERFORM add_rollups(ARRAY(SELECT added FROM hours_of_readings(chosen, earliest, end_time) AS added));
    UPDATE batch SET rolled_up = true WHERE batch_id = ANY (chosen);
    RETURN cardinality(chosen);
END $$;
