-- Keeps series from being deleted until the end of the transaction, if they are still those of this generation.
CREATE OR REPLACE FUNCTION hold_series(known bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('delete_series'));
    -- In a statement of its own, so that it sees what was deleted while this one waited for the lock.
    IF series_generation() <> known THEN
        RAISE EXCEPTION 'Series were deleted, or the database is another one, since this program looked up its series' USING ERRCODE = 'SP001';
    END IF;
    RETURN true;
END $$;
