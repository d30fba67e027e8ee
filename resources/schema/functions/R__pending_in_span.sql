-- Which series of the tenant have readings of some batches in a span of time, all or some of them (null: all): the times of their first and last ones, and how many. See
-- part_of_readings() for the reason why it is a function, and for its rights.
CREATE OR REPLACE FUNCTION pending_in_span(batches bigint[], from_time timestamptz, until_time timestamptz, of_series integer[])
RETURNS TABLE (series_id integer, first_at timestamptz, last_at timestamptz, readings bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
    first_batch bigint := (SELECT min(batch) FROM unnest(batches) AS batch);
BEGIN
    RETURN QUERY
    SELECT found.series_id, found.first_at, found.last_at, found.readings
    FROM (
        SELECT reading.series_id, min(at) AS first_at, max(at) AS last_at, count(*) AS readings FROM reading
        WHERE batch_id = ANY (batches) AND batch_id >= first_batch AND at >= pending_in_span.from_time AND at < pending_in_span.until_time
          AND (of_series IS NULL OR (reading.series_id IN (SELECT unnest(of_series))) IS TRUE)
        GROUP BY reading.series_id
    ) AS found JOIN series USING (series_id)
    WHERE tenant = of_tenant;
END $$;
