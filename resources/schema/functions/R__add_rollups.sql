-- Adds to rollup_hour and series_activity, and up to rollup_watermark to rollup_month, rows of which no two have the same hour, series and position; in the
-- order of their keys, so that two callers never wait for each other in a ring.
CREATE OR REPLACE FUNCTION add_rollups(added hour_rollup[]) RETURNS void
LANGUAGE sql SET lock_timeout = '30s' SET enable_sort = on SET enable_hashagg = off SET work_mem = '64MB' AS $$
    SELECT FROM rollup_watermark FOR SHARE;
    INSERT INTO rollup_hour AS known (hour, series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    SELECT hour, series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at
    FROM unnest(added)
    ORDER BY hour, series_id, "position"
    ON CONFLICT (hour, series_id, "position") DO UPDATE SET
        readings = known.readings + excluded.readings,
        events = known.events + excluded.events,
        first_at = least(known.first_at, excluded.first_at),
        last_at = greatest(known.last_at, excluded.last_at),
        scaled_total = known.scaled_total + excluded.scaled_total,
        lowest = least(known.lowest, excluded.lowest),
        highest = greatest(known.highest, excluded.highest),
        last_received_at = greatest(known.last_received_at, excluded.last_received_at);
    SELECT add_months(ARRAY(SELECT one FROM unnest(added) AS one WHERE (one.hour, one.series_id) <= (SELECT hour, series_id FROM rollup_watermark)));
    INSERT INTO series_activity AS known (series_id, tenant, last_at, last_received_at)
    SELECT series_id, tenant, last_at, last_received_at
    FROM (SELECT series_id, max(last_at) AS last_at, max(last_received_at) AS last_received_at FROM unnest(added) GROUP BY series_id) AS one JOIN series USING (series_id)
    ORDER BY series_id
    ON CONFLICT (series_id) DO UPDATE SET
        last_at = greatest(known.last_at, excluded.last_at),
        last_received_at = greatest(known.last_received_at, excluded.last_received_at);
    INSERT INTO fast_clock AS known (series_id, last_at, last_received_at)
    SELECT series_id, max(last_at), max(last_received_at)
    FROM unnest(added)
    WHERE events > 0 AND last_at > last_received_at + clock_tolerance()
    GROUP BY series_id
    ORDER BY series_id
    ON CONFLICT (series_id) DO UPDATE SET
        last_at = greatest(known.last_at, excluded.last_at),
        last_received_at = greatest(known.last_received_at, excluded.last_received_at);
$$;
