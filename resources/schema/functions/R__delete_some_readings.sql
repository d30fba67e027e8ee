-- Deletes the next readings of a tenant's sensors in a range of time after a cursor, at most so many, all of one hour; or, if a metric is given, its values in
-- them (where limits are given, those beyond), and those that have no other. Statistics are right again in the same transaction. Answers how many, and the cursor
-- to go on from; null at the end. A dry run only counts them. With the rights of its owner, for the tenant of the session.
CREATE OR REPLACE FUNCTION delete_some_readings(sensors text[], locations text[], metric text, below float8, above float8, from_time timestamptz, until_time timestamptz, cursor text, most integer,
    stop_at timestamptz, dry_run boolean, OUT deleted bigint, OUT next text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '5s' SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    chosen integer[];
    positions integer[];
    one record;
    in_partition record;
    gone_batches bigint[];
    gone_series integer[];
    batches bigint[];
    affected integer[];
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('delete_series'));
    SELECT array_agg(series_id ORDER BY series_id), array_agg(array_position(metrics, delete_some_readings.metric) ORDER BY series_id) INTO chosen, positions
    FROM series
    WHERE tenant = current_setting('pipeline.tenant', true) AND (sensors IS NULL OR sensor_id = ANY (sensors)) AND (locations IS NULL OR location = ANY (locations))
      AND (delete_some_readings.metric IS NULL OR delete_some_readings.metric = ANY (metrics));
    deleted := 0;
    IF chosen IS NULL THEN
        RETURN;
    END IF;
    SELECT * INTO one FROM next_readings(chosen, positions, below, above, coalesce(from_time, (SELECT min(p.from_time) FROM reading_partition AS p)),
                                         coalesce(until_time, (SELECT max(p.until_time) FROM reading_partition AS p)), cursor, most, stop_at);
    next := one.next;
    IF one.found_series IS NULL OR dry_run THEN
        deleted := coalesce(cardinality(one.found_series), 0);
        RETURN;
    END IF;
    FOR in_partition IN
        SELECT name FROM reading_partition AS p
        WHERE NOT leaving AND p.until_time > one.found_hour AND p.from_time < one.found_hour + interval '1 hour' ORDER BY name FOR SHARE
    LOOP
        -- Locked first, in the order of merge_readings() and by a statement that looks up no partition, so that what follows sees them as they stay.
        EXECUTE format('
            SELECT FROM (SELECT * FROM unnest($1, $2) AS given (series_id, at) ORDER BY series_id, at) AS given
            CROSS JOIN LATERAL (SELECT FROM %I AS stored WHERE stored.series_id = given.series_id AND stored.at = given.at FOR UPDATE) AS stored', in_partition.name)
        USING one.found_series, one.found_times;
        EXECUTE format('
            WITH gone AS (
                DELETE FROM %1$I AS stored USING unnest($1, $2, $3) AS given (series_id, at, "position")
                WHERE stored.series_id = given.series_id AND stored.at = given.at
                  AND (given."position" IS NULL OR is_beyond(stored."values"[given."position"], $4, $5) AND cardinality(array_remove(stored."values", NULL)) = 1)
                RETURNING stored.series_id, stored.batch_id
            ), changed AS (
                UPDATE %1$I AS stored SET "values"[given."position"] = NULL FROM unnest($1, $2, $3) AS given (series_id, at, "position")
                WHERE stored.series_id = given.series_id AND stored.at = given.at
                  AND is_beyond(stored."values"[given."position"], $4, $5) AND cardinality(array_remove(stored."values", NULL)) > 1
                RETURNING stored.series_id, stored.batch_id
            )
            SELECT $6 + count(*), array_agg(DISTINCT series_id), array_agg(DISTINCT batch_id) FROM (TABLE gone UNION ALL TABLE changed) AS done', in_partition.name)
        INTO deleted, gone_series, gone_batches USING one.found_series, one.found_times, one.found_positions, below, above, deleted;
        affected := affected || gone_series;
        batches := batches || gone_batches;
    END LOOP;
    IF deleted = 0 THEN
        RETURN;
    END IF;
    -- What a program has in memory of these is no longer right: they will be rolled up from their readings.
    PERFORM FROM batch WHERE batch_id = ANY (batches) AND NOT rolled_up ORDER BY batch_id FOR UPDATE;
    UPDATE batch SET in_memory = false WHERE batch_id = ANY (batches) AND NOT rolled_up AND in_memory;
    PERFORM move_pending_totals(one.found_hour);
    PERFORM recount_rollups(ARRAY(SELECT DISTINCT unnest(affected)), one.found_hour);
    PERFORM recount_totals(ARRAY(SELECT DISTINCT group_id FROM series WHERE series_id = ANY (affected)), one.found_hour);
END $$;

REVOKE EXECUTE ON FUNCTION delete_some_readings FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION delete_some_readings FROM sensor_pipeline_operator;
GRANT EXECUTE ON FUNCTION delete_some_readings TO sensor_pipeline_administrator;
