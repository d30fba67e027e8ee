-- Readings of a few series, and with some metric (null: of all), from one time on and before another, in the order of their times and series: at least as
-- many as asked for, and all others of the same times, if there are so many. Only partitions are looked at in which the hourly rollups have something of them, or in
-- which readings may be that are not rolled up yet; each with a plan of its own, because a statement would prepare for all of them. This runs with the rights of its
-- owner, so that row security is not checked anew for each, and answers only readings of the tenant.
CREATE OR REPLACE FUNCTION few_readings(of_series integer[], metric text, from_time timestamptz, until_time timestamptz, newest_first boolean, most integer)
RETURNS TABLE (series_id integer, sensor_id text, location text, metrics text[], at timestamptz, received_at timestamptz, "values" float8[], attributes jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
    hours timestamptz[];
    span_from timestamptz;
    span_until timestamptz;
    answered bigint := 0;
    added bigint;
BEGIN
    -- An hour with rollups has a reading at least, so of each series so many hours are enough, if it need not have a certain metric.
    IF few_readings.metric IS NOT NULL THEN
        hours := ARRAY(SELECT DISTINCT hour FROM unnest(of_series) AS one (series_id) JOIN series USING (series_id) JOIN rollup_hour USING (series_id)
                       WHERE rollup_hour."position" = array_position(series.metrics, few_readings.metric)
                         AND hour > few_readings.from_time - interval '1 hour' AND hour < few_readings.until_time);
    ELSIF newest_first THEN
        hours := ARRAY(SELECT DISTINCT hour FROM unnest(of_series) AS one (series_id)
                       CROSS JOIN LATERAL (SELECT DISTINCT hour FROM rollup_hour WHERE rollup_hour.series_id = one.series_id
                                             AND hour > few_readings.from_time - interval '1 hour' AND hour < few_readings.until_time
                                           ORDER BY hour DESC LIMIT most) AS found);
    ELSE
        hours := ARRAY(SELECT DISTINCT hour FROM unnest(of_series) AS one (series_id)
                       CROSS JOIN LATERAL (SELECT DISTINCT hour FROM rollup_hour WHERE rollup_hour.series_id = one.series_id
                                             AND hour > few_readings.from_time - interval '1 hour' AND hour < few_readings.until_time
                                           ORDER BY hour LIMIT most) AS found);
    END IF;
    FOR span_from, span_until IN
        SELECT greatest(listed.from_time, few_readings.from_time), least(listed.until_time, few_readings.until_time) FROM reading_partition AS listed
        WHERE listed.from_time < few_readings.until_time AND listed.until_time > few_readings.from_time
          AND (name IN (SELECT holding.name FROM unnest(hours) AS hour JOIN reading_partition AS holding ON hour >= holding.from_time AND hour < holding.until_time)
               OR EXISTS (SELECT FROM batch WHERE NOT rolled_up AND first_at < listed.until_time AND last_at >= listed.from_time))
        ORDER BY CASE WHEN newest_first THEN -date_part('epoch', listed.from_time) ELSE date_part('epoch', listed.from_time) END
    LOOP
        IF newest_first THEN
            RETURN QUERY
            SELECT named.series_id, named.sensor_id, named.location, named.metrics, stored.at, stored.received_at, stored."values", stored.attributes
            FROM unnest(of_series) AS one (series_id) JOIN series AS named USING (series_id)
            CROSS JOIN LATERAL (SELECT * FROM reading WHERE reading.series_id = one.series_id AND reading.at >= span_from AND reading.at < span_until
                                  AND (few_readings.metric IS NULL OR reading."values"[array_position(named.metrics, few_readings.metric)] IS NOT NULL)
                                ORDER BY reading.at DESC LIMIT most) AS stored
            WHERE named.tenant = of_tenant
            ORDER BY stored.at DESC, stored.series_id DESC;
        ELSE
            RETURN QUERY
            SELECT named.series_id, named.sensor_id, named.location, named.metrics, stored.at, stored.received_at, stored."values", stored.attributes
            FROM unnest(of_series) AS one (series_id) JOIN series AS named USING (series_id)
            CROSS JOIN LATERAL (SELECT * FROM reading WHERE reading.series_id = one.series_id AND reading.at >= span_from AND reading.at < span_until
                                  AND (few_readings.metric IS NULL OR reading."values"[array_position(named.metrics, few_readings.metric)] IS NOT NULL)
                                ORDER BY reading.at LIMIT most) AS stored
            WHERE named.tenant = of_tenant
            ORDER BY stored.at, stored.series_id;
        END IF;
        GET DIAGNOSTICS added = ROW_COUNT;
        answered := answered + added;
        -- Of each series, a reading may have the time at which the caller begins, and not count.
        EXIT WHEN answered >= most + cardinality(of_series);
    END LOOP;
END $$;
