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
    -- From the oldest up to the first that stays: the index need not be searched for others behind it.
    DELETE FROM dead_letter WHERE id IN (
        SELECT id FROM dead_letter
        WHERE id < coalesce((SELECT id FROM dead_letter WHERE refused_at >= now() - kept ORDER BY id LIMIT 1), 9223372036854775807)
          AND status <> 'replaying'
        ORDER BY id LIMIT most);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END $$;
