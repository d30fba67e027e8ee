-- Deletes the totals by minute before a time, of a tenant (null: all): when they are no longer kept, and when the readings of their time leave, because a part of an hour
-- then has what is left of its readings. Answers how many.
CREATE OR REPLACE FUNCTION delete_minutes(of_tenant text, before timestamptz) RETURNS bigint
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
    deleted bigint;
BEGIN
    -- Nobody adds to the same rows meanwhile.
    PERFORM pg_advisory_xact_lock(hashtext('add_pending_totals'));
    DELETE FROM rollup_total_minute USING series_group
    WHERE (of_tenant IS NULL OR tenant = of_tenant) AND rollup_total_minute.group_id = series_group.group_id AND minute < before;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END $$;
