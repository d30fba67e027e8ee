-- The newest readings of a tenant up to some time, at least as many as asked for, and all others that are newer than the oldest of them; or none, if that would be far more than
-- asked for, or fewer: the callers then walk. Where page_of_all() has them, they are those; otherwise so many newest readings come from as many series at most: those with the latest times, which series_activity
-- has. Those that are not rolled up yet are found by their batches. Row security would make a hash table of all series: so this runs with the rights of its owner, and
-- looks only at series of the tenant.
CREATE OR REPLACE FUNCTION newest_of_all(most integer, until_time timestamptz)
RETURNS TABLE (series_id integer, at timestamptz, received_at timestamptz, "values" float8[], attributes jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
    latest integer[];
    since timestamptz;
    later timestamptz;
    waiting bigint[];
    expected float8;
    found given_reading[];
BEGIN
    -- Of few sensors, to walk takes less time.
    IF (SELECT series FROM tenant WHERE tenant = of_tenant) <= 4 * most THEN
        RETURN;
    END IF;
    -- Those that lie together on disk, unless some came early.
    found := ARRAY(SELECT ROW(series_id, at, received_at, "values", attributes)::given_reading FROM page_of_all(most, NULL, until_time, true, NULL, NULL)
                   WHERE at <= received_at + clock_tolerance());
    IF cardinality(found) = most THEN
        RETURN QUERY SELECT * FROM unnest(found);
        RETURN;
    END IF;
    -- The readings of a fast clock do not count as new by their times.
    SELECT array_agg(series_id), min(last_at) INTO latest, since
    FROM (SELECT series_id, last_at FROM series_activity
          WHERE tenant = of_tenant AND last_at < until_time AND series_id NOT IN (SELECT series_id FROM fast_clock)
          ORDER BY last_at DESC, series_id DESC LIMIT most) AS one;
    IF coalesce(cardinality(latest), 0) < most THEN
        RETURN;
    END IF;
    -- Other tenants' readings may be among those of the batch.
    SELECT at INTO later
    FROM (SELECT series_id, at FROM reading
          WHERE batch_id = (SELECT max(batch_id) FROM batch WHERE NOT rolled_up) AND at >= since AND at < until_time AND at <= received_at + clock_tolerance()
          ORDER BY at DESC LIMIT 4 * most) AS one JOIN series USING (series_id)
    WHERE tenant = of_tenant
    ORDER BY at DESC OFFSET most - 1 LIMIT 1;
    since := greatest(since, later);

    SELECT sum(events * CASE WHEN last_at > first_at THEN extract(epoch FROM last_at - greatest(first_at, since)) / extract(epoch FROM last_at - first_at) ELSE 1 END) INTO expected
    FROM rollup_total JOIN series_group USING (group_id)
    WHERE tenant = of_tenant AND kind = 'all' AND hour > since - interval '1 hour' AND last_at >= since;
    IF expected > 20 * most THEN
        RETURN;
    END IF;
    latest := latest || ARRAY(SELECT series_id FROM fast_clock JOIN series_activity USING (series_id) WHERE tenant = of_tenant AND series_activity.last_at >= since);
    waiting := ARRAY(SELECT batch_id FROM batch WHERE NOT rolled_up AND last_at >= since);
    found := ARRAY(
        SELECT ROW(one.series_id, stored.at, stored.received_at, stored."values", stored.attributes)::given_reading
        FROM unnest(latest) AS one (series_id)
        CROSS JOIN LATERAL (
            (SELECT * FROM reading WHERE reading.series_id = one.series_id AND at >= since AND at < until_time AND at <= received_at + clock_tolerance()
             ORDER BY at DESC LIMIT most)
            UNION ALL
            -- A clock that was fast may be right by now: these do not take the place of those.
            (SELECT * FROM reading WHERE reading.series_id = one.series_id AND at >= since AND at < until_time AND at > received_at + clock_tolerance()
             ORDER BY at DESC LIMIT most)
        ) AS stored
        UNION ALL
        SELECT ROW(series_id, at, received_at, "values", attributes)::given_reading
        FROM reading JOIN series USING (series_id)
        WHERE tenant = of_tenant AND at >= since AND at < until_time AND batch_id = ANY (waiting) AND batch_id >= (SELECT min(id) FROM unnest(waiting) AS id)
          AND series_id <> ALL (latest));
    -- Readings may have been dropped since they were added up.
    IF (SELECT count(*) FROM unnest(found) WHERE at <= received_at + clock_tolerance()) >= most THEN
        RETURN QUERY SELECT * FROM unnest(found);
    END IF;
END $$;
