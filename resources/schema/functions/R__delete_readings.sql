-- Deletes the readings of some sensors in a range of time, or the values of a metric in them, hour by hour; a dry run only counts them. Each transaction is short. After
-- half of the time that a statement may take, or where it cannot get a lock, it stops; "next" is then the cursor to go on from.
CREATE OR REPLACE PROCEDURE delete_readings(sensors text[], locations text[], metric text, below float8, above float8, from_time timestamptz, until_time timestamptz, cursor text,
    dry_run boolean, INOUT answer text)
LANGUAGE plpgsql AS $$
DECLARE
    stop_at timestamptz := clock_timestamp() + current_setting('statement_timeout')::interval / 2;
    step record;
    deleted bigint := 0;
    is_stopped boolean := false;
BEGIN
    LOOP
        BEGIN
            SELECT * INTO step FROM delete_some_readings(sensors, locations, metric, below, above, from_time, until_time, cursor, 10000, stop_at, dry_run);
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            IF deleted = 0 THEN
                RAISE;
            END IF;
            is_stopped := true;
        END;
        COMMIT;
        EXIT WHEN is_stopped;
        deleted := deleted + step.deleted;
        cursor := step.next;
        EXIT WHEN cursor IS NULL OR clock_timestamp() > stop_at;
    END LOOP;
    SELECT row_to_json(shown) INTO answer FROM (SELECT 'success' AS status, deleted, cursor AS next) AS shown;
END $$;
