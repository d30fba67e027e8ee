-- The readings of the tenant that some batches stored, or the newest ones that they added to. See part_of_readings() for the reason why it is a function, and for its
-- rights.
CREATE OR REPLACE FUNCTION readings_of_batches(batches bigint[])
RETURNS TABLE (series_id integer, sensor_id text, location text, metrics text[], at timestamptz, received_at timestamptz, "values" float8[], attributes jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
    first_batch bigint := (SELECT min(batch) FROM unnest(batches) AS batch);
    added_series integer[];
    added_times timestamptz[];
    span_from timestamptz;
    span_until timestamptz;
BEGIN
    SELECT min(first_at), max(last_at) INTO span_from, span_until FROM batch WHERE batch_id = ANY (batches);
    SELECT array_agg(added.series_id), array_agg(added.at) INTO added_series, added_times
    FROM batch CROSS JOIN LATERAL unnest(completed_series, completed_times) AS added (series_id, at) WHERE batch_id = ANY (batches);
    RETURN QUERY
    SELECT series_id, series.sensor_id, series.location, series.metrics, reading.at, reading.received_at, reading."values", reading.attributes
    FROM reading JOIN series USING (series_id)
    WHERE tenant = of_tenant AND batch_id = ANY (batches) AND batch_id >= first_batch AND reading.at >= span_from AND reading.at <= span_until;
    IF added_series IS NOT NULL THEN
        SELECT min(added), max(added) INTO span_from, span_until FROM unnest(added_times) AS added;
        RETURN QUERY
        SELECT stored.series_id, series.sensor_id, series.location, series.metrics, stored.at, stored.received_at, stored."values", stored.attributes
        FROM unnest(added_series, added_times) AS added (series_id, at) JOIN series USING (series_id)
        -- OFFSET 0 keeps the planner from reading the whole table to join it.
        CROSS JOIN LATERAL (SELECT * FROM reading WHERE reading.series_id = added.series_id AND reading.at = added.at
                              AND reading.at >= span_from AND reading.at <= span_until OFFSET 0) AS stored
        WHERE tenant = of_tenant;
    END IF;
END $$;
