-- Deletes the next dead letters that match all given filters (null: any) after a cursor, the newest first, except those being replayed; a dry run only counts them.
-- "next" is the cursor to go on from; null at the end.
CREATE OR REPLACE FUNCTION discard_some_dead_letters(wanted_reason text, wanted_key text, wanted_status text, from_time timestamptz, until_time timestamptz,
    cursor text, dry_run boolean, OUT discarded bigint, OUT replaying bigint, OUT next text)
LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    IF NOT dry_run THEN
        PERFORM lock_dead_letters();
    END IF;
    SELECT * INTO found FROM find_dead_letters(wanted_reason, wanted_key, wanted_status, from_time, until_time, cursor, true, 10000, 50000);
    IF dry_run THEN
        SELECT count(*) INTO discarded FROM dead_letter WHERE id = ANY (found.ids) AND status <> 'replaying';
    ELSE
        DELETE FROM dead_letter WHERE id = ANY (found.ids) AND status <> 'replaying';
        GET DIAGNOSTICS discarded = ROW_COUNT;
    END IF;
    replaying := cardinality(found.ids) - discarded;
    next := found.next;
END $$;
