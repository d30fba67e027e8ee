-- Readings of a few series, and with some metric (null: of all), from one time on and before another, in the order of their times and series: at least as
-- many as asked for, and all others of the same times, if there are so many. Only partitions are looked at in which the hourly rollups have something of them, or
-- readings may be that are not rolled up yet, or whose rollups have gone. They are read in groups: the first alone, then two, four, and so on. Each group has a plan of its own, because one for all
-- would prepare each partition of the table. As a plan costs as much as to read about six partitions, a group may include up to two adjacent ones that need not be looked at. This runs with the
-- rights of its owner, so that row security is not checked anew for each, and answers only readings of the tenant.
CREATE OR REPLACE FUNCTION few_readings(of_series integer[], metric text, from_time timestamptz, until_time timestamptz, newest_first boolean, most integer)
RETURNS TABLE (series_id integer, sensor_id text, location text, metrics text[], at timestamptz, received_at timestamptz, "values" float8[], attributes jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
    -- What is left of the range. Rollups may be kept for longer than readings.
    left_from timestamptz := greatest(few_readings.from_time, (SELECT min(listed.from_time) FROM reading_partition AS listed));
    left_until timestamptz := few_readings.until_time;
    rolled_up_months tstzmultirange := (SELECT range_agg(tstzrange(listed.from_time, listed.until_time)) FROM rollup_partition AS listed WHERE NOT leaving);
    hours timestamptz[];
    reached timestamptz;
    span_from timestamptz;
    span_until timestamptz;
    -- Of each series, a reading may have the time at which the caller begins, and not count.
    enough bigint := most + cardinality(of_series);
    answered bigint := 0;
    added bigint;
BEGIN
    LOOP
        -- The next hours of each series, as many as readings are needed. In most of them there is a reading, so one round of this is nearly always enough.
        SELECT array_agg(hour), CASE WHEN newest_first THEN max(last_hour) ELSE min(last_hour) END INTO hours, reached
        FROM (
            SELECT hour, CASE WHEN row_number() OVER (PARTITION BY one.series_id ORDER BY CASE WHEN newest_first THEN -date_part('epoch', hour) ELSE date_part('epoch', hour) END) = enough
                              THEN hour END AS last_hour
            FROM unnest(of_series) AS one (series_id) JOIN series USING (series_id)
            CROSS JOIN LATERAL (
                -- Apart for each order: for one that is chosen by CASE, PostgreSQL reads and sorts all hours of the series.
                (SELECT DISTINCT hour FROM rollup_hour
                 WHERE newest_first AND rollup_hour.series_id = one.series_id AND hour > left_from - interval '1 hour' AND hour < left_until
                   AND (few_readings.metric IS NULL OR rollup_hour."position" = array_position(series.metrics, few_readings.metric))
                 ORDER BY hour DESC LIMIT enough)
                UNION ALL
                (SELECT DISTINCT hour FROM rollup_hour
                 WHERE NOT newest_first AND rollup_hour.series_id = one.series_id AND hour > left_from - interval '1 hour' AND hour < left_until
                   AND (few_readings.metric IS NULL OR rollup_hour."position" = array_position(series.metrics, few_readings.metric))
                 ORDER BY hour LIMIT enough)
            ) AS found
        ) AS found;
        FOR span_from, span_until IN
            SELECT min(greatest(from_time, left_from)), max(least(until_time, left_until))
            FROM (
                SELECT from_time, until_time, number, count(*) FILTER (WHERE others > 2) OVER (ORDER BY number) AS span
                FROM (
                    SELECT from_time, until_time, row_number() OVER (ORDER BY place) AS number, place - lag(place) OVER (ORDER BY place) - 1 AS others
                    FROM (
                        SELECT from_time, until_time,
                               row_number() OVER (ORDER BY CASE WHEN newest_first THEN -date_part('epoch', from_time) ELSE date_part('epoch', from_time) END) AS place
                        FROM reading_partition AS listed
                        WHERE listed.from_time < left_until AND listed.until_time > left_from
                          AND (reached IS NULL OR CASE WHEN newest_first THEN listed.until_time > reached ELSE listed.from_time <= reached END)
                    ) AS listed
                    WHERE listed.from_time IN (SELECT (SELECT max(holding.from_time) FROM reading_partition AS holding WHERE holding.from_time <= hour) FROM unnest(hours) AS hour)
                       OR NOT coalesce(tstzrange(listed.from_time, listed.until_time) <@ rolled_up_months, false)
                       OR EXISTS (SELECT FROM batch WHERE NOT rolled_up AND first_at < listed.until_time AND last_at >= listed.from_time)
                ) AS chosen
            ) AS grouped
            GROUP BY span, floor(ln(number::float8) / ln(2::float8))
            ORDER BY min(number)
        LOOP
            RETURN QUERY
            SELECT named.series_id, named.sensor_id, named.location, named.metrics, stored.at, stored.received_at, stored."values", stored.attributes
            FROM unnest(of_series) AS one (series_id) JOIN series AS named USING (series_id)
            CROSS JOIN LATERAL (SELECT * FROM reading WHERE reading.series_id = one.series_id AND reading.at >= span_from AND reading.at < span_until
                                  AND (few_readings.metric IS NULL OR reading."values"[array_position(named.metrics, few_readings.metric)] IS NOT NULL)
                                ORDER BY CASE WHEN newest_first THEN reading.at END DESC, CASE WHEN NOT newest_first THEN reading.at END LIMIT most) AS stored
            WHERE named.tenant = of_tenant
            ORDER BY CASE WHEN newest_first THEN stored.at END DESC, CASE WHEN newest_first THEN stored.series_id END DESC, stored.at, stored.series_id;
            GET DIAGNOSTICS added = ROW_COUNT;
            answered := answered + added;
            IF answered >= enough THEN
                RETURN;
            END IF;
        END LOOP;
        EXIT WHEN reached IS NULL;
        -- Readings of these hours may have been deleted. A partition that was looked at is done.
        IF newest_first THEN
            left_until := coalesce((SELECT listed.from_time FROM reading_partition AS listed WHERE reached >= listed.from_time AND reached < listed.until_time), reached);
        ELSE
            left_from := coalesce((SELECT listed.until_time FROM reading_partition AS listed WHERE reached >= listed.from_time AND reached < listed.until_time), reached + interval '1 hour');
        END IF;
    END LOOP;
END $$;
