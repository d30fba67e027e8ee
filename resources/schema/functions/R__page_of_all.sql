-- The next readings of a tenant in a range of time (null: without an end) and after a place in the order of times and series (null: from the start), in this
-- order: as many as asked for; or none, if they do not lie together on disk or are too few: the caller then walks. Readings are appended batch by batch, mostly in the order of their times: so all
-- of a short span are found by the index reading_batch, however many sensors there are, unless late ones lie all over the partition. The ledger tells.
-- Row security would make a hash table of all series: so this runs with the rights of its owner, and answers only readings of the tenant.
CREATE OR REPLACE FUNCTION page_of_all(most integer, from_time timestamptz, until_time timestamptz, newest_first boolean, after_time timestamptz, after_series integer)
RETURNS TABLE (series_id integer, sensor_id text, location text, metrics text[], at timestamptz, received_at timestamptz, "values" float8[], attributes jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
    is_alone boolean := is_only_tenant();
    of_group integer := (SELECT group_id FROM series_group WHERE tenant = of_tenant AND kind = 'all');
    waiting timestamptz[] := ARRAY(SELECT DISTINCT total.hour FROM pending_total CROSS JOIN unnest(totals) AS total WHERE tenant = of_tenant);
    this_hour timestamptz;
    total record;
    those record;
    span_from timestamptz;
    span_until timestamptz;
    wanted integer;
    expected float8;
    missing interval;
    found given_reading[];
BEGIN
    from_time := greatest(from_time, '-infinity', CASE WHEN NOT newest_first THEN after_time END);
    until_time := least(until_time, 'infinity', CASE WHEN newest_first THEN after_time + interval '1 microsecond' END);
    -- Of few sensors, to walk takes less time.
    IF (SELECT series FROM tenant WHERE tenant = of_tenant) <= most THEN
        RETURN;
    END IF;
    -- Devices may send at the same moment: where the first span has too few readings, one that is eight times as long may have enough.
    FOREACH wanted IN ARRAY ARRAY[2 * most, 16 * most] LOOP
        expected := 0;
        this_hour := NULL;
        span_from := NULL;
        span_until := NULL;
        -- From hour to hour that has readings, until as many are expected.
        FOR hours IN 1..24 LOOP
            this_hour := CASE WHEN newest_first
                THEN greatest((SELECT max(hour) FROM rollup_total WHERE group_id = of_group AND hour < coalesce(this_hour, until_time)),
                              (SELECT max(hour) FROM unnest(waiting) AS hour WHERE hour < coalesce(this_hour, until_time)))
                ELSE least((SELECT min(hour) FROM rollup_total WHERE group_id = of_group AND hour > coalesce(this_hour, from_time - interval '1 hour')),
                           (SELECT min(hour) FROM unnest(waiting) AS hour WHERE hour > coalesce(this_hour, from_time - interval '1 hour'))) END;
            EXIT WHEN this_hour IS NULL OR this_hour >= until_time OR this_hour <= from_time - interval '1 hour';
            SELECT sum(one.events) AS events, greatest(min(one.first_at), from_time) AS first_at, least(max(one.last_at) + interval '1 microsecond', until_time) AS end_at,
                   extract(epoch FROM max(one.last_at) - min(one.first_at) + interval '1 microsecond') AS seconds INTO total
            FROM (
                SELECT events, first_at, last_at FROM rollup_total WHERE group_id = of_group AND hour = this_hour
                UNION ALL
                SELECT events, first_at, last_at FROM pending_total CROSS JOIN unnest(totals) AS one WHERE tenant = of_tenant AND one.hour = this_hour
            ) AS one;
            -- Where older statistics have gone, what completed a reading may stand alone.
            CONTINUE WHEN total.first_at >= total.end_at OR total.events = 0;
            span_from := CASE WHEN newest_first THEN total.first_at ELSE coalesce(span_from, total.first_at) END;
            span_until := CASE WHEN newest_first THEN coalesce(span_until, total.end_at) ELSE total.end_at END;
            missing := make_interval(secs => (wanted - expected) * total.seconds / total.events);
            expected := expected + total.events * extract(epoch FROM total.end_at - total.first_at) / total.seconds;
            IF expected >= wanted THEN
                span_from := CASE WHEN newest_first THEN greatest(span_from, total.end_at - missing) ELSE span_from END;
                span_until := CASE WHEN newest_first THEN span_until ELSE least(span_until, total.first_at + missing) END;
                EXIT;
            END IF;
        END LOOP;
        EXIT WHEN expected < wanted;
        SELECT count(*) AS batches, sum(readings) AS readings INTO those
        FROM (SELECT readings FROM batch WHERE tstzrange(first_at, last_at, '[]') && tstzrange(span_from, span_until) LIMIT 4 * most) AS one;
        EXIT WHEN those.batches >= 4 * most OR those.readings > greatest(100 * most, 60000);
        -- None is known of a break, nor of readings that are older than the ledger.
        CONTINUE WHEN those.batches = 0;
        found := ARRAY(
            SELECT ROW(series_id, at, received_at, "values", attributes)::given_reading
            FROM reading
            -- All are its own where there is no other: at a high rate, to look up each would take most of the time.
            WHERE (is_alone OR EXISTS (SELECT FROM series WHERE series.series_id = reading.series_id AND series.tenant = of_tenant)) AND at >= span_from AND at < span_until
              AND (after_time IS NULL OR CASE WHEN newest_first THEN (at, series_id) < (after_time, after_series) ELSE (at, series_id) > (after_time, after_series) END)
            ORDER BY CASE WHEN newest_first THEN -date_part('epoch', at) ELSE date_part('epoch', at) END, CASE WHEN newest_first THEN -series_id ELSE series_id END
            LIMIT most);
        IF cardinality(found) = most THEN
            RETURN QUERY
            SELECT one.series_id, named.sensor_id, named.location, named.metrics, one.at, one.received_at, one."values", one.attributes
            FROM unnest(found) WITH ORDINALITY AS one
            -- OFFSET 0 keeps the planner from reading all series to join them.
            CROSS JOIN LATERAL (SELECT * FROM series WHERE series.series_id = one.series_id OFFSET 0) AS named
            ORDER BY one.ordinality;
            RETURN;
        END IF;
    END LOOP;
END $$;
