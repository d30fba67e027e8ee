-- Closes one expired partition for good: from now on it takes no row, so that none can be lost with it however long its
-- dropping takes and whenever that is cut off. Answers its name, or null if there is none.
CREATE OR REPLACE FUNCTION close_expired_partition(raw interval, rollup interval) RETURNS text
LANGUAGE plpgsql SET lock_timeout = '1s' AS $$
DECLARE
    candidate text;
BEGIN
    -- One copy of the program at a time.
    IF NOT pg_try_advisory_xact_lock(hashtext('expire')) THEN
        RETURN NULL;
    END IF;
    FOR candidate IN SELECT name FROM expired_partitions(raw, rollup) LOOP
        -- Keeps out who writes to this partition; readers are let in.
        EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', candidate);
        -- Asked again, because a row may have come before the lock.
        IF EXISTS (SELECT FROM expired_partitions(raw, rollup, candidate)) THEN
            EXECUTE format('CREATE TRIGGER leaving BEFORE INSERT ON %I FOR EACH ROW EXECUTE FUNCTION refuse_row_of_leaving_partition()', candidate);
            UPDATE reading_partition SET leaving = true WHERE name = candidate;
            PERFORM delete_minutes(NULL, until_time, NULL) FROM reading_partition WHERE name = candidate;
            UPDATE rollup_partition SET leaving = true WHERE name = candidate;
            RETURN candidate;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
