-- The newest reading of each series of the tenant that some batches stored or added to, newest first, at most so many. See part_of_readings() for the reason why it is a
-- function, and for its rights.
CREATE OR REPLACE FUNCTION newest_of_batches(batches bigint[], most integer)
RETURNS TABLE (series_id integer, sensor_id text, location text, metrics text[], at timestamptz, received_at timestamptz, "values" float8[], attributes jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
    is_alone boolean := is_only_tenant();
    first_batch bigint := (SELECT min(batch) FROM unnest(batches) AS batch);
    span_from timestamptz;
    span_until timestamptz;
    newest_series integer[];
    newest_times timestamptz[];
    completed_from timestamptz;
    completed_until timestamptz;
BEGIN
    SELECT min(first_at), max(last_at) INTO span_from, span_until FROM batch WHERE batch_id = ANY (batches);
    SELECT min(at), max(at) INTO completed_from, completed_until FROM batch CROSS JOIN LATERAL unnest(completed_times) AS at WHERE batch_id = ANY (batches);
    -- Only their times, because a second has tens of thousands of readings at a high rate.
    SELECT array_agg(series_id), array_agg(at), min(at), max(at) INTO newest_series, newest_times, span_from, span_until
    FROM (
        SELECT series_id, at
        FROM (
            SELECT series_id, max(at) AS at
            FROM (
                SELECT series_id, at FROM reading WHERE batch_id = ANY (batches) AND batch_id >= first_batch AND at >= span_from AND at <= span_until
                UNION ALL
                SELECT added.series_id, added.at FROM batch CROSS JOIN LATERAL unnest(completed_series, completed_times) AS added (series_id, at)
                -- They may have been deleted since. OFFSET 0 keeps the planner from reading the whole table to join it.
                CROSS JOIN LATERAL (SELECT FROM reading WHERE reading.series_id = added.series_id AND reading.at = added.at
                                      AND reading.at >= completed_from AND reading.at <= completed_until OFFSET 0) AS stored
                WHERE batch_id = ANY (batches)
            ) AS one
            GROUP BY series_id
        ) AS newest
        WHERE is_alone OR EXISTS (SELECT FROM series WHERE series.series_id = newest.series_id AND series.tenant = of_tenant)
        ORDER BY at DESC, series_id DESC LIMIT most
    ) AS newest;
    RETURN QUERY
    SELECT one.series_id, named.sensor_id, named.location, named.metrics, stored.at, stored.received_at, stored."values", stored.attributes
    FROM unnest(newest_series, newest_times) WITH ORDINALITY AS one (series_id, at, place)
    CROSS JOIN LATERAL (SELECT * FROM series WHERE series.series_id = one.series_id OFFSET 0) AS named
    CROSS JOIN LATERAL (SELECT * FROM reading WHERE reading.series_id = one.series_id AND reading.at = one.at AND reading.at >= span_from AND reading.at <= span_until OFFSET 0) AS stored
    ORDER BY one.place;
END $$;
