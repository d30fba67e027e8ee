-- Finds the next readings of some series in a range of time after a cursor, all of one hour and of at most 200 series, at most so many, by hour, series and time. With
-- positions of a metric, one for each series, only readings that have it; with a lower or upper limit, only those whose value is beyond one of them. Series are
-- given in order. "next" is the cursor to go on from, null at the end; where it is time to stop, it comes without readings.
-- Hours are found in the statistics; in months without any, by the first readings after a time.
CREATE OR REPLACE FUNCTION next_readings(of_series integer[], positions integer[], below float8, above float8, from_time timestamptz, until_time timestamptz,
    cursor text, most integer, stop_at timestamptz, OUT found_series integer[], OUT found_times timestamptz[], OUT found_positions integer[], OUT found_hour timestamptz, OUT next text)
LANGUAGE plpgsql STABLE SET timezone = 'UTC' SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    asked_hour timestamptz := date_bin('1 hour', greatest(from_time, cursor_time(cursor)), timestamptz '2000-01-01 00:00:00+00');
    after_series integer := CASE WHEN cursor IS NULL THEN 0 ELSE cursor_series(cursor) END;
    after_time timestamptz := CASE WHEN cursor IS NULL THEN '-infinity' ELSE cursor_time(cursor) END;
    -- As many hours at a time as cost about the same.
    window_length interval := CASE WHEN cardinality(of_series) <= 1000 THEN interval '30 days' ELSE interval '1 day' END;
    last_of_slice integer;
    window_end timestamptz;
    next_hour timestamptz;
BEGIN
    WHILE asked_hour < until_time LOOP
        LOOP
            last_of_slice := (SELECT max(one) FROM (SELECT one FROM unnest(of_series) AS one WHERE one >= after_series ORDER BY one LIMIT 200) AS slice);
            EXIT WHEN last_of_slice IS NULL;
            SELECT array_agg(series_id ORDER BY series_id, at), array_agg(at ORDER BY series_id, at), array_agg("position" ORDER BY series_id, at)
            INTO found_series, found_times, found_positions
            FROM (
                -- In order, so that no more are read than are answered.
                SELECT one.series_id, stored.at, one."position"
                FROM (SELECT * FROM unnest(of_series, positions) AS given (series_id, "position")
                      WHERE given.series_id >= after_series AND given.series_id <= last_of_slice ORDER BY given.series_id OFFSET 0) AS one
                CROSS JOIN LATERAL (SELECT reading.at FROM reading
                                    WHERE reading.series_id = one.series_id AND reading.at >= greatest(asked_hour, from_time)
                                      AND reading.at < least(asked_hour + interval '1 hour', until_time)
                                      AND (one."position" IS NULL OR is_beyond(reading."values"[one."position"], below, above))
                                    ORDER BY reading.at OFFSET 0) AS stored
                WHERE one.series_id > after_series OR stored.at > after_time
                ORDER BY one.series_id, stored.at LIMIT most
            ) AS found;
            IF found_series IS NOT NULL THEN
                found_hour := asked_hour;
                next := microseconds(found_times[cardinality(found_times)]) || '_' || found_series[cardinality(found_series)];
                RETURN;
            END IF;
            after_series := last_of_slice + 1;
            after_time := '-infinity';
            IF clock_timestamp() > stop_at THEN
                next := microseconds(asked_hour) || '_' || last_of_slice;
                RETURN;
            END IF;
        END LOOP;
        after_series := 0;
        after_time := '-infinity';
        asked_hour := asked_hour + interval '1 hour';
        LOOP
            -- On to the next partition, if there is a gap.
            asked_hour := (SELECT min(greatest(asked_hour, listed.from_time)) FROM reading_partition AS listed WHERE listed.until_time > asked_hour);
            IF asked_hour IS NULL OR asked_hour >= until_time THEN
                RETURN;
            END IF;
            -- Not into the next month, which may have no statistics.
            window_end := least(asked_hour + window_length, date_trunc('month', asked_hour, 'UTC') + interval '1 month');
            SELECT min(hour) INTO next_hour FROM (
                SELECT (SELECT known.hour FROM rollup_hour AS known
                        WHERE known.series_id = one.series_id AND known.hour >= asked_hour AND known.hour < window_end
                          AND (one."position" IS NULL OR known."position" = one."position" AND (is_beyond(known.lowest, below, above) OR is_beyond(known.highest, below, above)))
                        ORDER BY known.hour LIMIT 1) AS hour
                FROM unnest(of_series, positions) AS one (series_id, "position")
                UNION ALL
                SELECT min(hour) FROM pending_hours(asked_hour, window_end, of_series)
                UNION ALL
                SELECT (SELECT date_bin('1 hour', reading.at, timestamptz '2000-01-01 00:00:00+00') FROM reading
                        WHERE reading.series_id = one.series_id AND reading.at >= asked_hour AND reading.at < window_end ORDER BY reading.at LIMIT 1)
                FROM unnest(of_series) AS one (series_id)
                WHERE NOT EXISTS (SELECT FROM rollup_partition AS known WHERE NOT known.leaving AND known.from_time <= asked_hour AND known.until_time > asked_hour)
            ) AS candidate;
            EXIT WHEN next_hour IS NOT NULL;
            asked_hour := window_end;
            IF clock_timestamp() > stop_at THEN
                next := microseconds(asked_hour) || '_0';
                RETURN;
            END IF;
        END LOOP;
        asked_hour := next_hour;
    END LOOP;
END $$;
