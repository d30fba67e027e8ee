-- How long data are kept. A partition goes whole once none of the tenants in it keeps it; where some of them do, the rows
-- of the others go in small batches. The overall values are settings: routes pass them as "raw" and "rollup".

CREATE TABLE tenant_retention (
    tenant text PRIMARY KEY CHECK (tenant ~ '^[a-z0-9-]{1,63}$'),
    raw    interval CHECK (raw >= interval '1 hour' AND (raw = 'infinity' OR raw <= interval '1000 years')),
    rollup interval CHECK (rollup >= interval '1 hour' AND (rollup = 'infinity' OR rollup <= interval '1000 years')),
    CONSTRAINT rollup_not_shorter_than_raw CHECK (rollup >= raw)
);
COMMENT ON TABLE tenant_retention IS 'A tenant''s own values in place of RETENTION_RAW and RETENTION_ROLLUP; it need not have sent a reading';
COMMENT ON COLUMN tenant_retention.raw IS 'How long its readings are kept; null: as RETENTION_RAW says; ''infinity'': forever';
COMMENT ON COLUMN tenant_retention.rollup IS 'How long its statistics by hour are kept, never shorter than the readings; null: as RETENTION_ROLLUP says';

CREATE TABLE tenant_expired (
    tenant      text,
    of_table    text,
    gone_before timestamptz NOT NULL,
    PRIMARY KEY (tenant, of_table)
);
COMMENT ON TABLE tenant_expired IS 'Up to when a tenant''s expired rows have been deleted, so that they are not looked for again';

ALTER TABLE reading_partition
    ADD COLUMN leaving boolean NOT NULL DEFAULT false,
    ADD COLUMN made_at timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE reading_partition ALTER COLUMN made_at SET DEFAULT now();
ALTER TABLE rollup_partition ADD COLUMN leaving boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN reading_partition.leaving IS 'It takes no more rows, and is detached and dropped as soon as nobody reads it';
COMMENT ON COLUMN rollup_partition.leaving IS 'It takes no more rows, and is detached and dropped as soon as nobody reads it';

-- Partitions of rollup_hour get their rows in the transaction that makes them.
CREATE VIEW time_partition AS
SELECT 'reading' AS of_table, 'at' AS time_column, name, from_time, until_time, leaving, made_at FROM reading_partition
UNION ALL
SELECT 'rollup_hour', 'hour', name, from_time, until_time, leaving, '-infinity' FROM rollup_partition;
COMMENT ON VIEW time_partition IS 'The partitions of reading and of rollup_hour';

-- What each tenant keeps of each table. Readings before "cut_off" are refused when they come. Rows before "expired_before"
-- go: whole hours, an hour later than they are refused, so that no reading comes again after its row has gone and counts
-- twice; and none that is not in the statistics yet.
CREATE FUNCTION expiry(raw interval, rollup interval)
RETURNS TABLE (tenant text, of_table text, kept interval, cut_off timestamptz, expired_before timestamptz, gone_before timestamptz)
LANGUAGE sql STABLE SET timezone = 'UTC' AS $$
    SELECT tenant, of_table, kept, cut_off,
           least(cut_off - interval '1 hour', (SELECT date_trunc('hour', min(first_at), 'UTC') FROM batch WHERE NOT rolled_up)),
           coalesce(gone.gone_before, '-infinity')
    FROM (
        SELECT tenant, coalesce(own.raw, expiry.raw) AS raw,
               greatest(coalesce(own.rollup, expiry.rollup), coalesce(own.raw, expiry.raw)) AS rollup
        FROM tenant FULL JOIN tenant_retention AS own USING (tenant)
    ) AS effective
    CROSS JOIN LATERAL (VALUES ('reading', effective.raw), ('rollup_hour', effective.rollup)) AS of_both (of_table, kept)
    CROSS JOIN LATERAL (SELECT date_trunc('hour', now() - kept, 'UTC') AS cut_off) AS cut_off
    LEFT JOIN tenant_expired AS gone USING (tenant, of_table)
$$;

-- A time that data are kept, for people.
CREATE FUNCTION kept_for(kept interval) RETURNS text
LANGUAGE sql STABLE SET intervalstyle = 'postgres_verbose'
RETURN CASE WHEN isfinite(kept) THEN ltrim(kept::text, '@ ') ELSE 'forever' END;

-- Whether a partition has a row of one of these tenants, or of any if none are given: an index is asked for each of their series, up to the first row.
CREATE FUNCTION has_rows_of(tenants text[], of_partition text) RETURNS boolean
LANGUAGE plpgsql STABLE COST 1000000 SET enable_seqscan = off SET jit = off AS $$
DECLARE
    answer boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (
        SELECT FROM series
        CROSS JOIN LATERAL (SELECT FROM %I AS stored WHERE stored.series_id = series.series_id LIMIT 1) AS one
        WHERE $1 IS NULL OR series.tenant = ANY ($1))', of_partition) INTO answer USING tenants;
    RETURN answer;
END $$;

-- The partitions that can go whole: those that have expired for every tenant with rows in them. One that has just been made
-- and has none yet was made for readings that are about to come.
CREATE FUNCTION expired_partitions(raw interval, rollup interval, only_name text DEFAULT NULL)
RETURNS TABLE (of_table text, name text, from_time timestamptz, until_time timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT listed.of_table, listed.name, listed.from_time, listed.until_time
    FROM time_partition AS listed
    WHERE NOT listed.leaving
      AND (only_name IS NULL OR listed.name = only_name)
      AND listed.until_time <= (SELECT max(e.expired_before) FROM expiry(raw, rollup) AS e WHERE e.of_table = listed.of_table)
      AND NOT has_rows_of(ARRAY(SELECT e.tenant FROM expiry(raw, rollup) AS e
                                WHERE e.of_table = listed.of_table AND e.expired_before < listed.until_time), listed.name)
      AND (listed.made_at < now() - interval '1 hour' OR has_rows_of(NULL, listed.name))
$$;

CREATE FUNCTION refuse_row_of_leaving_partition() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Partition % has expired and is being dropped; what it should store waits until it has gone', TG_TABLE_NAME
        USING ERRCODE = 'object_in_use';
END $$;

-- Closes one expired partition for good: from now on it takes no row, so that none can be lost with it however long its
-- dropping takes and whenever that is cut off. Answers its name, or null if there is none.
CREATE FUNCTION close_expired_partition(raw interval, rollup interval) RETURNS text
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
            UPDATE rollup_partition SET leaving = true WHERE name = candidate;
            RETURN candidate;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- The statement that detaches a partition that leaves, or that ends a detach that was cut off; null if there is nothing to
-- do, or if it would have to wait for who still reads the partition. It cannot be run here, because DETACH ... CONCURRENTLY
-- refuses to run inside a function. Until drop_detached_partition() is called on the same connection, other copies of the
-- program are kept out.
CREATE FUNCTION next_detach() RETURNS text
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

-- Drops one partition that leaves and is detached, whoever detached it; answers no row if there is none.
CREATE FUNCTION drop_detached_partition()
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

-- Whose expired rows are to be deleted from which partition: where it has expired for the tenant, but not for all others;
-- and where it is wider than "width", as those for long ago are, because it would hold them for too long.
CREATE FUNCTION expired_rows(raw interval, rollup interval, width interval)
RETURNS TABLE (tenant text, of_table text, time_column text, name text, from_time timestamptz, until_time timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT e.tenant, listed.of_table, listed.time_column, listed.name, listed.from_time, least(listed.until_time, e.expired_before)
    FROM expiry(raw, rollup) AS e JOIN time_partition AS listed USING (of_table)
    WHERE NOT listed.leaving
      AND greatest(listed.from_time, e.gone_before) < least(listed.until_time, e.expired_before)
      AND (listed.until_time <= e.expired_before OR listed.of_table = 'reading' AND listed.until_time - listed.from_time > width)
$$;

-- Deletes at most so many expired rows of one tenant from one partition; answers whose and how many, and whether it has none
-- left there, or no row if nothing is left to do at all. The caller comes again until then, each time in a transaction of
-- its own. Partitions that can go whole are closed before. A plain index scan marks the entries of rows that have gone, so
-- that the next call does not meet them again; a bitmap scan does not, and makes each call ten times as dear.
CREATE FUNCTION delete_expired_rows(raw interval, rollup interval, width interval, most integer)
RETURNS TABLE (tenant text, of_table text, name text, deleted bigint, is_done boolean)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    chosen record;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('expire')) THEN
        RETURN;
    END IF;
    -- Where a tenant keeps more now, what comes of that time from now on will expire as well.
    UPDATE tenant_expired AS gone SET gone_before = e.cut_off - interval '1 hour'
    FROM expiry(raw, rollup) AS e
    WHERE e.tenant = gone.tenant AND e.of_table = gone.of_table AND gone.gone_before > e.cut_off - interval '1 hour';

    SELECT e.tenant, e.of_table, e.time_column, e.name, e.until_time INTO chosen
    FROM expired_rows(raw, rollup, width) AS e ORDER BY e.from_time, e.tenant LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    tenant := chosen.tenant;
    of_table := chosen.of_table;
    name := chosen.name;
    EXECUTE format('
        WITH found AS (
            SELECT one.place FROM series
            CROSS JOIN LATERAL (SELECT ctid AS place FROM %1$I AS stored
                                WHERE stored.series_id = series.series_id AND stored.%2$I < $2 LIMIT $3 + 1) AS one
            WHERE series.tenant = $1 LIMIT $3 + 1
        ), gone AS (
            DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT place FROM found LIMIT $3)) RETURNING 1
        )
        SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM found) <= $3', chosen.name, chosen.time_column)
    INTO deleted, is_done USING chosen.tenant, chosen.until_time, most;
    IF is_done THEN
        INSERT INTO tenant_expired AS gone VALUES (chosen.tenant, chosen.of_table, chosen.until_time)
        ON CONFLICT (tenant, of_table) DO UPDATE SET gone_before = excluded.gone_before;
    END IF;
    RETURN NEXT;
END $$;

-- Deletes at most so many of the oldest rows of the ledger: those of batches that are in the statistics and that were stored
-- longer ago than any tenant keeps readings. Answers how many.
CREATE FUNCTION delete_expired_batches(raw interval, rollup interval, most integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    expired timestamptz;
    deleted integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('expire')) THEN
        RETURN 0;
    END IF;
    SELECT min(expired_before) INTO expired FROM tenant JOIN expiry(raw, rollup) USING (tenant) WHERE of_table = 'reading';
    -- From the oldest up to the first that stays: the index need not be searched for others behind it.
    DELETE FROM batch WHERE batch_id IN (
        SELECT batch_id FROM batch
        WHERE batch_id < coalesce((SELECT batch_id FROM batch WHERE NOT rolled_up OR stored_at >= expired OR last_at >= expired
                                   ORDER BY batch_id LIMIT 1), 2147483647)
          AND expired IS NOT NULL
        ORDER BY batch_id LIMIT most);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END $$;

-- As before, but for a partition that leaves: what comes for its time waits until it has gone, and then gets a new one.
CREATE OR REPLACE FUNCTION make_reading_partitions(times timestamptz[], width interval) RETURNS integer
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    wanted timestamptz;
    lower_bound timestamptz;
    upper_bound timestamptz;
    partition_name text;
    made integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM unnest(times) AS t WHERE NOT EXISTS (
        SELECT FROM reading_partition WHERE t >= from_time AND t < until_time AND NOT leaving)) THEN
        RETURN 0;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('make_reading_partitions'));
    FOR wanted IN SELECT DISTINCT t FROM unnest(times) AS t ORDER BY t LOOP
        SELECT name INTO partition_name FROM reading_partition WHERE wanted >= from_time AND wanted < until_time AND leaving;
        IF FOUND THEN
            RAISE EXCEPTION 'Partition % has expired and is being dropped; what it should store waits until it has gone', partition_name
                USING ERRCODE = 'object_in_use';
        END IF;
        CONTINUE WHEN EXISTS (SELECT FROM reading_partition WHERE wanted >= from_time AND wanted < until_time);
        -- Late readings are few and can be of any age: wider partitions for older times keep the number of partitions small.
        lower_bound := CASE WHEN wanted < now() - interval '2 years' THEN date_trunc('year', wanted, 'UTC')
                            WHEN wanted < now() - interval '2 months' THEN date_trunc('month', wanted, 'UTC')
                            ELSE date_bin(width, wanted, timestamptz '2000-01-01 00:00:00+00') END;
        upper_bound := CASE WHEN wanted < now() - interval '2 years' THEN lower_bound + interval '1 year'
                            WHEN wanted < now() - interval '2 months' THEN lower_bound + interval '1 month'
                            ELSE lower_bound + width END;
        -- Where the width was another before, the new partition ends at its neighbours.
        lower_bound := greatest(lower_bound, (SELECT max(until_time) FROM reading_partition WHERE until_time <= wanted));
        upper_bound := least(upper_bound, (SELECT min(from_time) FROM reading_partition WHERE from_time > wanted));
        partition_name := 'reading_' || to_char(lower_bound, 'YYYYMMDD_HH24');
        -- Made apart and then attached: that does not lock out who reads or writes the other partitions.
        EXECUTE format('CREATE TABLE %I (LIKE reading INCLUDING ALL)', partition_name);
        EXECUTE format('ALTER TABLE reading ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                       partition_name, lower_bound, upper_bound);
        INSERT INTO reading_partition VALUES (partition_name, lower_bound, upper_bound);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
