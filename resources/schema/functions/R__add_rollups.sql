-- Adds to rollup_hour, rollup_month and rollup_total, an array a column; in the order of their keys, so that two callers never
-- wait for each other in a ring. What is cheap for readings is not for the join with series: hence the settings.
CREATE OR REPLACE FUNCTION add_rollups(hours timestamptz[], series_ids integer[], positions smallint[], counts bigint[], first_times timestamptz[],
                            last_times timestamptz[], scaled_totals float8[], lows float8[], highs float8[], last_received_times timestamptz[]) RETURNS void
LANGUAGE sql SET enable_seqscan = on SET enable_sort = on AS $$
    INSERT INTO rollup_hour AS known (hour, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    SELECT * FROM unnest(hours, series_ids, positions, counts, first_times, last_times, scaled_totals, lows, highs, last_received_times)
        AS given (hour, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    ORDER BY hour, series_id, "position"
    ON CONFLICT (hour, series_id, "position") DO UPDATE SET
        readings = known.readings + excluded.readings,
        first_at = least(known.first_at, excluded.first_at),
        last_at = greatest(known.last_at, excluded.last_at),
        scaled_total = known.scaled_total + excluded.scaled_total,
        lowest = least(known.lowest, excluded.lowest),
        highest = greatest(known.highest, excluded.highest),
        last_received_at = greatest(known.last_received_at, excluded.last_received_at);
    INSERT INTO rollup_month AS known (month, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    SELECT date_trunc('month', hour, 'UTC') AS month, series_id, "position", sum(readings), min(first_at), max(last_at),
           sum(scaled_total), min(lowest), max(highest), max(last_received_at)
    FROM unnest(hours, series_ids, positions, counts, first_times, last_times, scaled_totals, lows, highs, last_received_times)
        AS given (hour, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    GROUP BY series_id, "position", month
    ORDER BY series_id, "position", month
    ON CONFLICT (series_id, "position", month) DO UPDATE SET
        readings = known.readings + excluded.readings,
        first_at = least(known.first_at, excluded.first_at),
        last_at = greatest(known.last_at, excluded.last_at),
        scaled_total = known.scaled_total + excluded.scaled_total,
        lowest = least(known.lowest, excluded.lowest),
        highest = greatest(known.highest, excluded.highest),
        last_received_at = greatest(known.last_received_at, excluded.last_received_at);
    INSERT INTO rollup_total AS known (tenant, hour, metric, readings, events, scaled_total, lowest, highest)
    SELECT tenant, hour, metrics["position"], sum(readings), coalesce(sum(readings) FILTER (WHERE "position" = 1), 0), sum(scaled_total), min(lowest), max(highest)
    FROM unnest(hours, series_ids, positions, counts, scaled_totals, lows, highs) AS given (hour, series_id, "position", readings, scaled_total, lowest, highest)
    JOIN series USING (series_id)
    GROUP BY tenant, hour, metrics["position"]
    ORDER BY tenant, hour, metrics["position"]
    ON CONFLICT (tenant, hour, metric) DO UPDATE SET
        readings = known.readings + excluded.readings,
        events = known.events + excluded.events,
        scaled_total = known.scaled_total + excluded.scaled_total,
        lowest = least(known.lowest, excluded.lowest),
        highest = greatest(known.highest, excluded.highest);
    INSERT INTO fast_clock AS known (series_id, last_at, last_received_at)
    SELECT series_id, max(last_at), max(last_received_at)
    FROM unnest(series_ids, positions, last_times, last_received_times) AS given (series_id, "position", last_at, last_received_at)
    WHERE "position" = 1 AND last_at > last_received_at + clock_tolerance()
    GROUP BY series_id
    ORDER BY series_id
    ON CONFLICT (series_id) DO UPDATE SET
        last_at = greatest(known.last_at, excluded.last_at),
        last_received_at = greatest(known.last_received_at, excluded.last_received_at);
$$;
