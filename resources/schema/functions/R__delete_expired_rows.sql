-- Deletes at most so many expired rows of one tenant from one partition; answers whose and how many, and whether it has none
-- left there, or no row if nothing is left to do at all. The caller comes again until then, each time in a transaction of
-- its own. Partitions that can go whole are closed before. A plain index scan marks the entries of rows that have gone, so
-- that the next call does not meet them again; a bitmap scan does not, and makes each call ten times as dear.
CREATE OR REPLACE FUNCTION delete_expired_rows(raw interval, rollup interval, width interval, most integer)
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
    IF of_table = 'reading' THEN
        PERFORM delete_minutes(tenant, chosen.until_time, NULL);
    END IF;
    IF is_done THEN
        INSERT INTO tenant_expired AS gone VALUES (chosen.tenant, chosen.of_table, chosen.until_time)
        ON CONFLICT (tenant, of_table) DO UPDATE SET gone_before = excluded.gone_before;
    END IF;
    RETURN NEXT;
END $$;
