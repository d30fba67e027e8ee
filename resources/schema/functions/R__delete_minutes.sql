-- Deletes totals by minute before a time, of a tenant (null: all), at most so many (null: all): when they are no longer kept, and when the readings of their time are deleted, because a
-- part of an hour then has what is left of its readings. Answers how many.
CREATE OR REPLACE FUNCTION delete_minutes(of_tenant text, before timestamptz, most integer) RETURNS bigint
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
    deleted bigint;
BEGIN
    DELETE FROM rollup_total_minute WHERE ctid = ANY (ARRAY(
        SELECT one.place FROM series_group
        CROSS JOIN LATERAL (SELECT ctid AS place FROM rollup_total_minute WHERE rollup_total_minute.group_id = series_group.group_id AND minute < before LIMIT most) AS one
        WHERE of_tenant IS NULL OR tenant = of_tenant LIMIT most));
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END $$;
