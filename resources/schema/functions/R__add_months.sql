-- Adds rows of rollup_hour to rollup_month; answers how many of its rows it was. In the order of their keys, so that two callers never wait for each other in a ring.
CREATE OR REPLACE FUNCTION add_months(added hour_rollup[]) RETURNS bigint
LANGUAGE sql SET enable_sort = on SET enable_hashagg = off SET work_mem = '64MB' AS $$
    WITH changed AS (
        INSERT INTO rollup_month AS known (month, series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)
        SELECT date_trunc('month', hour, 'UTC') AS month, series_id, "position", sum(readings), sum(events), min(first_at), max(last_at),
               sum(scaled_total), min(lowest), max(highest), max(last_received_at)
        FROM unnest(added)
        GROUP BY series_id, "position", month
        ORDER BY series_id, "position", month
        ON CONFLICT (series_id, "position", month) DO UPDATE SET
            readings = known.readings + excluded.readings,
            events = known.events + excluded.events,
            first_at = least(known.first_at, excluded.first_at),
            last_at = greatest(known.last_at, excluded.last_at),
            scaled_total = known.scaled_total + excluded.scaled_total,
            lowest = least(known.lowest, excluded.lowest),
            highest = greatest(known.highest, excluded.highest),
            last_received_at = greatest(known.last_received_at, excluded.last_received_at)
        RETURNING 1
    )
    SELECT count(*) FROM changed
$$;
