-- Moves what batches have added to the totals from pending_total to rollup_total and rollup_total_month, and what lies within one of the last minutes to
-- rollup_total_minute as well; answers how many of its rows it was. One caller at a time does it, the others get 0. Totals leave with the hours of their month: rows with
-- some of a month that is being dropped wait until it has gone.
CREATE OR REPLACE FUNCTION add_pending_totals() RETURNS integer
LANGUAGE plpgsql SET lock_timeout = '30s' AS $$
DECLARE
    hours timestamptz[];
    moved integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('add_pending_totals')) THEN
        RETURN 0;
    END IF;
    hours := ARRAY(SELECT DISTINCT hour FROM pending_total CROSS JOIN unnest(totals)
                   WHERE NOT EXISTS (SELECT FROM rollup_partition WHERE leaving AND hour >= from_time AND hour < until_time));
    IF hours = '{}' THEN
        RETURN 0;
    END IF;
    PERFORM make_rollup_partitions(hours);
    -- Nobody begins to drop these until the end of the transaction.
    hours := ARRAY(SELECT hour FROM unnest(hours) AS hour
                   WHERE (date_trunc('month', hour, 'UTC') IN (SELECT from_time FROM rollup_partition WHERE NOT leaving FOR SHARE)) IS TRUE);
    WITH gone AS (
        DELETE FROM pending_total WHERE NOT EXISTS (SELECT FROM unnest(totals) WHERE (hour IN (SELECT unnest(hours))) IS NOT TRUE) RETURNING tenant, totals
    ), by_location AS MATERIALIZED (
        SELECT tenant, group_id, hour, CASE WHEN first_at > now() - minutes_kept() AND minute_of(first_at) = minute_of(last_at) THEN minute_of(first_at) END AS minute, metric,
               sum(readings) AS readings, sum(events) AS events, min(first_at) AS first_at, max(last_at) AS last_at,
               sum(scaled_total) AS scaled_total, min(lowest) AS lowest, max(highest) AS highest, max(last_received_at) AS last_received_at
        FROM gone CROSS JOIN unnest(totals)
        GROUP BY 1, 2, 3, 4, 5
    ), added AS MATERIALIZED (
        SELECT group_id, hour, minute, metric, readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at FROM by_location
        UNION ALL
        SELECT of_all.group_id, hour, minute, metric, sum(readings), sum(events), min(first_at), max(last_at), sum(scaled_total), min(lowest), max(highest), max(last_received_at)
        FROM by_location JOIN series_group AS of_all ON of_all.tenant = by_location.tenant AND of_all.kind = 'all'
        GROUP BY of_all.group_id, hour, minute, metric
    ), by_minute AS (
        INSERT INTO rollup_total_minute AS known (group_id, minute, metric, readings, events, first_at, last_at, scaled_total, lowest, highest)
        SELECT group_id, minute, metric, readings, events, first_at, last_at, scaled_total, lowest, highest FROM added WHERE minute IS NOT NULL
        ORDER BY group_id, minute, metric
        ON CONFLICT (group_id, minute, metric) DO UPDATE SET
            readings = known.readings + excluded.readings,
            events = known.events + excluded.events,
            first_at = least(known.first_at, excluded.first_at),
            last_at = greatest(known.last_at, excluded.last_at),
            scaled_total = known.scaled_total + excluded.scaled_total,
            lowest = least(known.lowest, excluded.lowest),
            highest = greatest(known.highest, excluded.highest)
    ), by_hour AS (
        INSERT INTO rollup_total AS known (group_id, hour, metric, readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)
        SELECT group_id, hour, metric, sum(readings), sum(events), min(first_at), max(last_at), sum(scaled_total), min(lowest), max(highest), max(last_received_at)
        FROM added
        GROUP BY group_id, hour, metric
        ORDER BY group_id, hour, metric
        ON CONFLICT (group_id, hour, metric) DO UPDATE SET
            readings = known.readings + excluded.readings,
            events = known.events + excluded.events,
            first_at = least(known.first_at, excluded.first_at),
            last_at = greatest(known.last_at, excluded.last_at),
            scaled_total = known.scaled_total + excluded.scaled_total,
            lowest = least(known.lowest, excluded.lowest),
            highest = greatest(known.highest, excluded.highest),
            last_received_at = greatest(known.last_received_at, excluded.last_received_at)
    ), by_month AS (
        INSERT INTO rollup_total_month AS known (group_id, month, metric, readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)
        SELECT group_id, date_trunc('month', hour, 'UTC') AS month, metric, sum(readings), sum(events), min(first_at), max(last_at),
               sum(scaled_total), min(lowest), max(highest), max(last_received_at)
        FROM added
        GROUP BY group_id, month, metric
        ORDER BY group_id, month, metric
        ON CONFLICT (group_id, month, metric) DO UPDATE SET
            readings = known.readings + excluded.readings,
            events = known.events + excluded.events,
            first_at = least(known.first_at, excluded.first_at),
            last_at = greatest(known.last_at, excluded.last_at),
            scaled_total = known.scaled_total + excluded.scaled_total,
            lowest = least(known.lowest, excluded.lowest),
            highest = greatest(known.highest, excluded.highest),
            last_received_at = greatest(known.last_received_at, excluded.last_received_at)
    )
    SELECT count(*) INTO moved FROM gone;
    RETURN moved;
END $$;
