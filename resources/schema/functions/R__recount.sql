-- Computes all statistics of a range of time anew from the readings. Whoever deletes or changes readings by hand calls it in the same transaction, so that nobody
-- sees one without the other. Hours whose readings have expired keep their statistics. Answers how many hours it was.
CREATE OR REPLACE FUNCTION recount(from_time timestamptz, until_time timestamptz) RETURNS bigint
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
#variable_conflict use_column
DECLARE
    counted bigint := 0;
    one record;
    first integer;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('delete_series'));
    PERFORM FROM batch WHERE NOT rolled_up ORDER BY batch_id FOR UPDATE;
    UPDATE batch SET in_memory = false WHERE NOT rolled_up AND in_memory;
    FOR one IN
        SELECT hour, array_agg(DISTINCT series_id) FILTER (WHERE series_id IS NOT NULL) AS of_series, array_agg(DISTINCT group_id) AS of_groups
        FROM (
            SELECT hour, series_id, group_id, tenant
            FROM (SELECT hour, series_id FROM rollup_hour WHERE hour > recount.from_time - interval '1 hour' AND hour < recount.until_time
                  UNION
                  SELECT hour, series_id FROM hours_of_readings(NULL, recount.from_time, recount.until_time)) AS of_series JOIN series USING (series_id)
            UNION ALL
            -- What has gone may be known to the totals only.
            SELECT hour, NULL, group_id, tenant
            FROM (SELECT hour, group_id FROM rollup_total WHERE hour > recount.from_time - interval '1 hour' AND hour < recount.until_time
                  UNION
                  SELECT hour, group_id FROM pending_total CROSS JOIN unnest(totals) WHERE hour > recount.from_time - interval '1 hour' AND hour < recount.until_time) AS of_groups
            JOIN series_group USING (group_id) WHERE kind <> 'all'
        ) AS known
        WHERE EXISTS (SELECT FROM time_partition AS p WHERE of_table = 'reading' AND NOT leaving AND hour >= p.from_time AND hour < p.until_time)
          AND NOT EXISTS (SELECT FROM tenant_expired AS gone WHERE gone.tenant = known.tenant AND of_table = 'reading' AND hour < gone_before)
        GROUP BY hour ORDER BY hour
    LOOP
        PERFORM move_pending_totals(one.hour);
        FOR first IN SELECT generate_series(1, cardinality(one.of_series), 200) LOOP
            PERFORM recount_rollups(one.of_series[first : first + 199], one.hour);
        END LOOP;
        PERFORM recount_totals(one.of_groups, one.hour);
        counted := counted + 1;
    END LOOP;
    RETURN counted;
END $$;
