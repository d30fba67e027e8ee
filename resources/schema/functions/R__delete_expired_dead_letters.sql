-- Deletes at most so many of the oldest dead letters that were rejected longer ago than they are kept, except those that are being
-- replayed. Returns how many.
CREATE OR REPLACE FUNCTION delete_expired_dead_letters(kept interval, most integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    deleted integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('expire')) THEN
        RETURN 0;
    END IF;
    PERFORM lock_dead_letters();
    DELETE FROM dead_letter WHERE id IN (
        -- Only the oldest are looked at, so that a call costs what it deletes.
        SELECT id FROM (SELECT id, refused_at FROM dead_letter WHERE status <> 'replaying' ORDER BY id LIMIT most) AS oldest
        WHERE refused_at < now() - kept)
      -- Someone may have asked to replay it meanwhile.
      AND status <> 'replaying';
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END $$;
