-- Computes all statistics of a range of time anew from the readings, for who has deleted or changed readings by hand: in the same transaction, so that nobody
-- sees one without the other. Hours whose readings have expired keep their statistics. Answers how many hours it was.
CREATE OR REPLACE FUNCTION recount(from_time timestamptz, until_time timestamptz) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    counted bigint := 0;
    one record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('delete_series'));
    PERFORM FROM batch WHERE NOT rolled_up ORDER BY batch_id FOR UPDATE;
    UPDATE batch SET in_memory = false WHERE NOT rolled_up AND in_memory;
    FOR one IN
        SELECT hour, array_agg(DISTINCT series_id) AS of_series, array_agg(DISTINCT group_id) AS of_groups
        FROM (SELECT hour, series_id FROM rollup_hour WHERE hour > from_time - interval '1 hour' AND hour < until_time
              UNION ALL
              SELECT hour, series_id FROM hours_of_readings(NULL, from_time, until_time)) AS known JOIN series USING (series_id)
        WHERE EXISTS (SELECT FROM time_partition AS p WHERE of_table = 'reading' AND NOT leaving AND hour >= p.from_time AND hour < p.until_time)
          AND NOT EXISTS (SELECT FROM tenant_expired AS gone WHERE gone.tenant = series.tenant AND of_table = 'reading' AND hour < gone_before)
        GROUP BY hour ORDER BY hour
    LOOP
        PERFORM move_pending_totals(one.hour);
        PERFORM recount_rollups(one.of_series, one.hour);
        PERFORM recount_totals(one.of_groups, one.hour);
        counted := counted + 1;
    END LOOP;
    RETURN counted;
END $$;
