-- Adds the next rows of rollup_hour after rollup_watermark, of hours before a given one, to rollup_month: at most so many, and the others of the last series and
-- hour; answers how many rows of rollup_month it was. Nobody adds rollups meanwhile. One caller at a time does it, the others get 0.
CREATE OR REPLACE FUNCTION roll_up_months(most integer, before timestamptz) RETURNS bigint
LANGUAGE plpgsql SET lock_timeout = '30s' SET jit = off AS $$
DECLARE
    from_hour timestamptz;
    from_series integer;
    to_hour timestamptz;
    to_series integer;
    added bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('roll_up_months')) OR NOT EXISTS (SELECT FROM rollup_watermark WHERE hour < before) THEN
        RETURN 0;
    END IF;
    SELECT hour, series_id INTO from_hour, from_series FROM rollup_watermark FOR UPDATE;
    -- Nobody begins to drop a partition until the end of the transaction.
    PERFORM FROM rollup_partition FOR SHARE;
    SELECT hour, series_id INTO to_hour, to_series FROM rollup_hour
    WHERE hour >= from_hour AND (hour, series_id) > (from_hour, from_series) AND hour < before
    ORDER BY hour, series_id, "position" OFFSET most - 1 LIMIT 1;
    IF NOT FOUND THEN
        to_hour := before;
        to_series := 0;
    END IF;
    INSERT INTO rollup_month AS known (month, series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    SELECT date_trunc('month', hour, 'UTC') AS month, series_id, "position", sum(readings), sum(events), min(first_at), max(last_at),
           sum(scaled_total), min(lowest), max(highest), max(last_received_at)
    FROM rollup_hour
    WHERE hour >= from_hour AND (hour, series_id) > (from_hour, from_series) AND hour <= to_hour AND (hour, series_id) <= (to_hour, to_series)
      AND NOT EXISTS (SELECT FROM rollup_partition WHERE leaving AND hour >= from_time AND hour < until_time)
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
        last_received_at = greatest(known.last_received_at, excluded.last_received_at);
    GET DIAGNOSTICS added = ROW_COUNT;
    UPDATE rollup_watermark SET hour = to_hour, series_id = to_series;
    RETURN added;
END $$;
