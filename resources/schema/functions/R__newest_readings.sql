-- The newest readings of some sensors and locations, and with some metric (null: of all); at least as many as asked for, if there are, and in no order.
-- A reading whose clock is ahead does not count as new for as long as its time lies in the future, but from its receipt on: see sort_time(). So the
-- readings up to now, unless newest_of_all() has them, are walked from the newest back until there are enough that did not come early, a partition at a time, because
-- to prepare for all of them takes longer than to find the readings in the newest one. Then come those from the future.
CREATE OR REPLACE FUNCTION newest_readings(sensors text[], locations text[], metric text, most integer)
RETURNS TABLE (series_id integer, sensor_id text, location text, metrics text[], at timestamptz, received_at timestamptz, "values" float8[], attributes jsonb)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    future timestamptz := now() + clock_tolerance();
    oldest timestamptz;
    in_time integer := 0;
    walked integer := 0;
    skipped integer;
    wanted integer;
    answered integer;
    listed record;
BEGIN
    IF sensors IS NULL AND locations IS NULL AND newest_readings.metric IS NULL THEN
        FOR series_id, sensor_id, location, metrics, at, received_at, "values", attributes IN
            SELECT one.series_id, named.sensor_id, named.location, named.metrics, one.at, one.received_at, one."values", one.attributes
            FROM newest_of_all(most, future) AS one
            -- OFFSET 0 keeps the planner from reading all series to join them.
            CROSS JOIN LATERAL (SELECT * FROM series WHERE series.series_id = one.series_id OFFSET 0) AS named
        LOOP
            RETURN NEXT;
            oldest := least(oldest, at);
        END LOOP;
    END IF;
    IF oldest IS NULL THEN
        oldest := '-infinity';
        <<walk>>
        FOR listed IN SELECT from_time, least(until_time, future) AS until_time FROM reading_partition WHERE from_time < future ORDER BY from_time DESC LOOP
            skipped := 0;
            LOOP
                wanted := CASE skipped WHEN 0 THEN most - in_time ELSE most END;
                answered := 0;
                FOR series_id, sensor_id, location, metrics, at, received_at, "values", attributes IN
                    SELECT * FROM readings_in_order(sensors, locations, newest_readings.metric, listed.from_time, listed.until_time, true, skipped + wanted) LIMIT wanted OFFSET skipped
                LOOP
                    RETURN NEXT;
                    answered := answered + 1;
                    IF at <= received_at + clock_tolerance() THEN
                        in_time := in_time + 1;
                    END IF;
                END LOOP;
                walked := walked + answered;
                -- Where nearly all clocks are fast, those from the future are enough.
                IF in_time >= most OR walked >= 20 * most THEN
                    oldest := at;
                    EXIT walk;
                END IF;
                EXIT WHEN answered < wanted;
                skipped := skipped + answered;
            END LOOP;
        END LOOP;
    END IF;
    RETURN QUERY SELECT * FROM readings_ahead(sensors, locations, newest_readings.metric, most, future, oldest);
END $$;
