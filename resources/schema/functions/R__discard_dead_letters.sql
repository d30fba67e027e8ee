-- Deletes the dead letters that match all given filters (null: any), the newest first, except those being replayed; a dry run only counts
-- them. Each transaction is short. After half of the time that a statement may take it stops; "next" is then the cursor to go on from.
CREATE OR REPLACE PROCEDURE discard_dead_letters(wanted_reason text, wanted_key text, wanted_status text, from_time timestamptz, until_time timestamptz,
    cursor text, dry_run boolean, INOUT answer text)
LANGUAGE plpgsql AS $$
DECLARE
    stop_at timestamptz := clock_timestamp() + current_setting('statement_timeout')::interval / 2;
    found record;
    deleted bigint;
    discarded bigint := 0;
    replaying bigint := 0;
BEGIN
    LOOP
        IF NOT dry_run THEN
            PERFORM lock_dead_letters();
        END IF;
        SELECT * INTO found FROM find_dead_letters(wanted_reason, wanted_key, wanted_status, from_time, until_time, cursor, true, 10000, 50000);
        IF dry_run THEN
            SELECT count(*) INTO deleted FROM dead_letter WHERE id = ANY (found.ids) AND status <> 'replaying';
        ELSE
            DELETE FROM dead_letter WHERE id = ANY (found.ids) AND status <> 'replaying';
            GET DIAGNOSTICS deleted = ROW_COUNT;
        END IF;
        COMMIT;
        discarded := discarded + deleted;
        replaying := replaying + cardinality(found.ids) - deleted;
        cursor := found.next;
        EXIT WHEN cursor IS NULL OR clock_timestamp() > stop_at;
    END LOOP;
    SELECT row_to_json(shown) INTO answer FROM (SELECT 'success' AS status, discarded, replaying, cursor AS next) AS shown;
END $$;
