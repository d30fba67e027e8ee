-- Deletes the next readings of a tenant's sensors in a range of time after a cursor, at most so many, all of one hour; or, if a metric is given, its values in
-- them (where limits are given, those beyond), and those that have no other. Statistics are right again in the same transaction. Answers how many, and the cursor of the last; null if there was none.
-- A dry run only counts them. With the rights of its owner, for the tenant of the session.
CREATE OR REPLACE FUNCTION delete_some_readings(sensors text[], locations text[], metric text, below float8, above float8, from_time timestamptz, until_time timestamptz, cursor text, most integer, dry_run boolean,
    OUT deleted bigint, OUT next text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '5s' SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    chosen integer[];
    positions integer[];
    found_series integer[];
    found_times timestamptz[];
    found_positions integer[];
    found_hour timestamptz;
    in_partition record;
    batches_of_partition bigint[];
    batches bigint[];
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('delete_series'));
    SELECT array_agg(series_id), array_agg(array_position(metrics, delete_some_readings.metric)) INTO chosen, positions
    FROM series
    WHERE tenant = current_setting('pipeline.tenant', true) AND (sensors IS NULL OR sensor_id = ANY (sensors)) AND (locations IS NULL OR location = ANY (locations))
      AND (delete_some_readings.metric IS NULL OR delete_some_readings.metric = ANY (metrics));
    SELECT array_agg(one.series_id ORDER BY one.series_id, one.at), array_agg(one.at ORDER BY one.series_id, one.at), array_agg(one."position" ORDER BY one.series_id, one.at),
           max(date_bin('1 hour', one.at, timestamptz '2000-01-01 00:00:00+00'))
    INTO found_series, found_times, found_positions, found_hour
    FROM next_readings(chosen, positions, below, above, coalesce(from_time, (SELECT min(p.from_time) FROM reading_partition AS p)),
                       coalesce(until_time, (SELECT max(p.until_time) FROM reading_partition AS p)), cursor, most) AS one;
    deleted := coalesce(cardinality(found_series), 0);
    IF deleted = 0 THEN
        RETURN;
    END IF;
    next := microseconds(found_times[deleted]) || '_' || found_series[deleted];
    IF dry_run THEN
        RETURN;
    END IF;
    deleted := 0;
    FOR in_partition IN
        SELECT name FROM reading_partition AS p WHERE NOT leaving AND p.until_time > found_hour AND p.from_time < found_hour + interval '1 hour' ORDER BY name FOR SHARE
    LOOP
        EXECUTE format('
            WITH gone AS (
                DELETE FROM %1$I AS stored USING unnest($1, $2, $3) AS one (series_id, at, "position")
                WHERE stored.series_id = one.series_id AND stored.at = one.at
                  AND (one."position" IS NULL OR stored."values"[one."position"] IS NOT NULL AND cardinality(array_remove(stored."values", NULL)) = 1)
                RETURNING stored.batch_id
            ), changed AS (
                UPDATE %1$I AS stored SET "values"[one."position"] = NULL FROM unnest($1, $2, $3) AS one (series_id, at, "position")
                WHERE stored.series_id = one.series_id AND stored.at = one.at
                  AND stored."values"[one."position"] IS NOT NULL AND cardinality(array_remove(stored."values", NULL)) > 1
                RETURNING stored.batch_id
            )
            SELECT $4 + count(*), array_agg(DISTINCT batch_id) FROM (TABLE gone UNION ALL TABLE changed) AS done', in_partition.name)
        INTO deleted, batches_of_partition USING found_series, found_times, found_positions, deleted;
        batches := batches || batches_of_partition;
    END LOOP;
    -- What a program has in memory of these is no longer right: they will be rolled up from their readings.
    PERFORM FROM batch WHERE batch_id = ANY (batches) AND NOT rolled_up ORDER BY batch_id FOR UPDATE;
    UPDATE batch SET in_memory = false WHERE batch_id = ANY (batches) AND NOT rolled_up AND in_memory;
    PERFORM move_pending_totals(found_hour);
    PERFORM recount_rollups(ARRAY(SELECT DISTINCT unnest(found_series)), found_hour);
    PERFORM recount_totals(ARRAY(SELECT DISTINCT group_id FROM series WHERE series_id = ANY (found_series)), found_hour);
END $$;

REVOKE EXECUTE ON FUNCTION delete_some_readings FROM PUBLIC;
GRANT EXECUTE ON FUNCTION delete_some_readings TO sensor_pipeline_operator;
