-- The statement that detaches a partition that leaves, or that ends a detach that was cut off; null if there is nothing to
-- do, or if it would have to wait for who still reads the partition. It cannot be run here, because DETACH ... CONCURRENTLY
-- refuses to run inside a function. Until drop_detached_partition() is called on the same connection, other copies of the
-- program are kept out.
CREATE OR REPLACE FUNCTION next_detach() RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    next record;
BEGIN
    IF NOT EXISTS (SELECT FROM time_partition WHERE leaving) OR NOT pg_try_advisory_lock(hashtext('drop_partitions')) THEN
        RETURN NULL;
    END IF;
    -- PostgreSQL takes one after the other: the one whose detach was cut off comes first.
    SELECT of_table, name, inhdetachpending AS is_half_done INTO next
    FROM time_partition JOIN pg_inherits ON inhparent = to_regclass(of_table) AND inhrelid = to_regclass(name)
    WHERE leaving
    ORDER BY inhdetachpending DESC, from_time LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF NOT next.is_half_done THEN
        -- It waits for who reads or writes the table now, but nobody waits for it.
        PERFORM set_config('lock_timeout', '5s', false);
        RETURN format('ALTER TABLE %I DETACH PARTITION %I CONCURRENTLY', next.of_table, next.name);
    ELSIF EXISTS (SELECT FROM pg_locks WHERE locktype = 'relation' AND relation = to_regclass(next.name) AND pid <> pg_backend_pid()) THEN
        RETURN NULL;
    ELSE
        -- While this one waits, no partition can be made.
        PERFORM set_config('lock_timeout', '200ms', false);
        RETURN format('ALTER TABLE %I DETACH PARTITION %I FINALIZE', next.of_table, next.name);
    END IF;
END $$;
