-- Which series of the tenant, all or some (null: all), have readings in a span of time that are not rolled up yet, and when the last of these was received. A few series are
-- looked up in the key, but only in batches of the last minutes: older ones would make them read all that they sent since. See part_of_readings() for the reason why it is a
-- function, and for its rights.
CREATE OR REPLACE FUNCTION pending_activity(from_time timestamptz, until_time timestamptz, of_series integer[]) RETURNS TABLE (series_id integer, last_received_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
    batches bigint[];
    first_batch bigint;
    span_from timestamptz;
    span_until timestamptz;
    recent_from timestamptz;
    recent_until timestamptz;
    has_recent boolean;
BEGIN
    WITH pending AS MATERIALIZED (
        -- A lookup costs about as much as to read ten readings.
        SELECT batch_id, first_at, last_at, coalesce(first_at > now() - interval '10 minutes' AND sum(readings) OVER () > 10 * cardinality(of_series), false) AS is_looked_up
        FROM batch WHERE NOT rolled_up
    )
    SELECT array_agg(batch_id) FILTER (WHERE NOT is_looked_up), min(batch_id) FILTER (WHERE NOT is_looked_up),
           greatest(min(first_at) FILTER (WHERE NOT is_looked_up), from_time), least(max(last_at) FILTER (WHERE NOT is_looked_up) + interval '1 microsecond', until_time),
           greatest(min(first_at) FILTER (WHERE is_looked_up), from_time), least(max(last_at) FILTER (WHERE is_looked_up) + interval '1 microsecond', until_time),
           count(*) FILTER (WHERE is_looked_up) > 0
    INTO batches, first_batch, span_from, span_until, recent_from, recent_until, has_recent
    FROM pending;
    IF batches IS NOT NULL THEN
        RETURN QUERY
        SELECT found.series_id, found.last_received_at
        FROM (
            SELECT reading.series_id, max(received_at) AS last_received_at FROM reading
            WHERE batch_id = ANY (batches) AND batch_id >= first_batch AND at >= span_from AND at < span_until
              AND (of_series IS NULL OR (reading.series_id IN (SELECT unnest(of_series))) IS TRUE)
            GROUP BY reading.series_id
        ) AS found JOIN series USING (series_id)
        WHERE tenant = of_tenant;
    END IF;
    IF has_recent THEN
        RETURN QUERY
        SELECT one.series_id, stored.last_received_at
        FROM unnest(of_series) AS one (series_id) JOIN series USING (series_id)
        CROSS JOIN LATERAL (SELECT max(received_at) AS last_received_at FROM reading WHERE reading.series_id = one.series_id AND at >= recent_from AND at < recent_until) AS stored
        WHERE tenant = of_tenant AND stored.last_received_at IS NOT NULL;
    END IF;
END $$;
