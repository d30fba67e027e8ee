-- Which series of the tenant, without some (null: all), have readings in a span of time that are not rolled up yet, and when the last of these was received. See
-- part_of_readings() for the reason why it is a function, and for its rights.
CREATE OR REPLACE FUNCTION pending_activity(from_time timestamptz, until_time timestamptz, except_series integer[]) RETURNS TABLE (series_id integer, last_received_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
    batches bigint[];
    first_batch bigint;
    span_from timestamptz;
    span_until timestamptz;
BEGIN
    SELECT array_agg(batch_id), min(batch_id), greatest(min(first_at), from_time), least(max(last_at) + interval '1 microsecond', until_time)
    INTO batches, first_batch, span_from, span_until
    FROM batch WHERE NOT rolled_up;
    RETURN QUERY
    SELECT found.series_id, found.last_received_at
    FROM (
        SELECT reading.series_id, max(received_at) AS last_received_at FROM reading
        WHERE batch_id = ANY (batches) AND batch_id >= first_batch AND at >= span_from AND at < span_until
          AND (except_series IS NULL OR (reading.series_id IN (SELECT unnest(except_series))) IS NOT TRUE)
        GROUP BY reading.series_id
    ) AS found JOIN series USING (series_id)
    WHERE tenant = of_tenant;
END $$;
