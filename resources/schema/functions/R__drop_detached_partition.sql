-- Drops one partition that leaves and is detached, whoever detached it; answers no row if there is none.
CREATE OR REPLACE FUNCTION drop_detached_partition()
RETURNS TABLE (of_table text, name text, from_time timestamptz, until_time timestamptz, about_rows bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('drop_partitions')) THEN
        RETURN;
    END IF;
    SELECT listed.of_table, listed.name, listed.from_time, listed.until_time,
           greatest(c.reltuples, pg_stat_get_live_tuples(c.oid))::bigint
    INTO of_table, name, from_time, until_time, about_rows
    FROM time_partition AS listed LEFT JOIN pg_class AS c ON c.oid = to_regclass(listed.name)
    WHERE listed.leaving AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass(listed.name))
    LIMIT 1;
    IF FOUND THEN
        EXECUTE format('DROP TABLE IF EXISTS %I', drop_detached_partition.name);
        DELETE FROM reading_partition AS listed WHERE listed.name = drop_detached_partition.name;
        DELETE FROM rollup_partition AS listed WHERE listed.name = drop_detached_partition.name;
        RETURN NEXT;
    END IF;
    -- What next_detach() took; the lock of this transaction holds until its end.
    PERFORM pg_advisory_unlock_all();
END $$;
