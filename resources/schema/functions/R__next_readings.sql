-- The readings of some series in a range of time that come next after a cursor, at most so many, all of one hour: by hour, series and time. With positions of a
-- metric, one for each series, only readings that have it; with a lower or upper limit, only those whose value is beyond one of them. Hours of many series are found in the totals, those of few by their readings.
CREATE OR REPLACE FUNCTION next_readings(of_series integer[], positions integer[], below float8, above float8, from_time timestamptz, until_time timestamptz,
    cursor text, most integer)
RETURNS TABLE (series_id integer, at timestamptz, "position" integer)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    asked_hour timestamptz := coalesce(date_bin('1 hour', cursor_time(cursor), timestamptz '2000-01-01 00:00:00+00'), from_time);
    after_series integer := CASE WHEN cursor IS NULL THEN 0 ELSE cursor_series(cursor) END;
    after_time timestamptz := coalesce(cursor_time(cursor), '-infinity');
    next_hour timestamptz;
BEGIN
    LOOP
        RETURN QUERY
            -- In order, so that no more are read than are answered.
            SELECT one.series_id, stored.at, one."position"
            FROM (SELECT * FROM unnest(of_series, positions) AS given (series_id, "position") WHERE given.series_id >= after_series ORDER BY given.series_id OFFSET 0) AS one
            CROSS JOIN LATERAL (SELECT reading.at FROM reading
                                WHERE reading.series_id = one.series_id AND reading.at >= greatest(asked_hour, from_time)
                                  AND reading.at < least(date_bin('1 hour', asked_hour, timestamptz '2000-01-01 00:00:00+00') + interval '1 hour', until_time)
                                  AND (one."position" IS NULL OR is_beyond(reading."values"[one."position"], below, above))
                                ORDER BY reading.at OFFSET 0) AS stored
            WHERE one.series_id > after_series OR one.series_id = after_series AND stored.at > after_time
            ORDER BY one.series_id, stored.at LIMIT most;
        EXIT WHEN FOUND;
        asked_hour := date_bin('1 hour', asked_hour, timestamptz '2000-01-01 00:00:00+00') + interval '1 hour';
        after_series := 0;
        IF cardinality(of_series) <= 1000 THEN
            SELECT min(first_at) INTO next_hour FROM unnest(of_series, positions) AS one (series_id, "position")
            CROSS JOIN LATERAL (SELECT reading.at AS first_at FROM reading
                                WHERE reading.series_id = one.series_id AND reading.at >= asked_hour AND reading.at < until_time
                                  AND (one."position" IS NULL OR is_beyond(reading."values"[one."position"], below, above))
                                ORDER BY reading.at LIMIT 1) AS stored;
        ELSE
            SELECT min(hour) INTO next_hour FROM (
                SELECT min(hour) FROM rollup_total WHERE hour >= asked_hour
                  AND group_id = (SELECT group_id FROM series_group WHERE tenant = current_setting('pipeline.tenant', true) AND kind = 'all')
                UNION ALL
                SELECT min(hour) FROM pending_total CROSS JOIN unnest(totals) WHERE tenant = current_setting('pipeline.tenant', true) AND last_hour >= asked_hour AND hour >= asked_hour
                UNION ALL
                -- Readings may be kept for longer than their statistics.
                SELECT min(greatest(asked_hour, listed.from_time)) FROM reading_partition AS listed
                WHERE listed.until_time > asked_hour
                  AND NOT EXISTS (SELECT FROM rollup_partition AS known WHERE NOT known.leaving AND known.from_time <= greatest(asked_hour, listed.from_time) AND known.until_time >= listed.until_time)
            ) AS found (hour);
        END IF;
        EXIT WHEN next_hour IS NULL OR next_hour >= until_time;
        asked_hour := date_bin('1 hour', next_hour, timestamptz '2000-01-01 00:00:00+00');
    END LOOP;
END $$;
