-- Moves what batches have added to the totals of all sensors from pending_total to rollup_total; answers how many rows it was. One caller at a time
-- does it, the others get 0. Totals leave with the hours of their month: those of a month that is being dropped wait until it has gone.
CREATE OR REPLACE FUNCTION add_pending_totals() RETURNS integer
LANGUAGE plpgsql SET lock_timeout = '30s' AS $$
DECLARE
    hours timestamptz[];
    moved integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('add_pending_totals')) THEN
        RETURN 0;
    END IF;
    hours := ARRAY(SELECT DISTINCT hour FROM pending_total
                   WHERE NOT EXISTS (SELECT FROM rollup_partition WHERE leaving AND hour >= from_time AND hour < until_time));
    IF hours = '{}' THEN
        RETURN 0;
    END IF;
    PERFORM make_rollup_partitions(hours);
    -- Nobody begins to drop these until the end of the transaction.
    hours := ARRAY(SELECT hour FROM unnest(hours) AS hour
                   WHERE (date_trunc('month', hour, 'UTC') IN (SELECT from_time FROM rollup_partition WHERE NOT leaving FOR SHARE)) IS TRUE);
    WITH added AS (
        DELETE FROM pending_total WHERE (hour IN (SELECT unnest(hours))) IS TRUE RETURNING *
    ), totals AS (
        INSERT INTO rollup_total AS known (tenant, hour, metric, readings, events, scaled_total, lowest, highest)
        SELECT tenant, hour, metric, sum(readings), sum(events), sum(scaled_total), min(lowest), max(highest)
        FROM added GROUP BY tenant, hour, metric
        ORDER BY tenant, hour, metric
        ON CONFLICT (tenant, hour, metric) DO UPDATE SET
            readings = known.readings + excluded.readings,
            events = known.events + excluded.events,
            scaled_total = known.scaled_total + excluded.scaled_total,
            lowest = least(known.lowest, excluded.lowest),
            highest = greatest(known.highest, excluded.highest)
    )
    SELECT count(*) INTO moved FROM added;
    RETURN moved;
END $$;
