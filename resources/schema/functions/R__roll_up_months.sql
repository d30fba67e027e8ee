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
    added := add_months(ARRAY(
        SELECT ROW(hour, series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)::hour_rollup
        FROM rollup_hour
        WHERE hour >= from_hour AND (hour, series_id) > (from_hour, from_series) AND hour <= to_hour AND (hour, series_id) <= (to_hour, to_series)
          AND NOT EXISTS (SELECT FROM rollup_partition WHERE leaving AND hour >= from_time AND hour < until_time)));
    UPDATE rollup_watermark SET hour = to_hour, series_id = to_series;
    RETURN added;
END $$;
