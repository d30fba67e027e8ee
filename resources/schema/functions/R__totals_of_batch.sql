-- What a stored batch adds to the totals of its groups, added up from its readings.
CREATE OR REPLACE FUNCTION totals_of_batch(batch bigint) RETURNS hour_total[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(ROW(group_id, hour, metric, readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)::hour_total), '{}')
    FROM (
        SELECT group_id, hour, metrics["position"] AS metric, sum(added.readings) AS readings, sum(events) AS events, min(added.first_at) AS first_at, max(added.last_at) AS last_at,
               sum(scaled_total) AS scaled_total, min(lowest) AS lowest, max(highest) AS highest, max(last_received_at) AS last_received_at
        FROM batch AS stored
        CROSS JOIN LATERAL hours_of_readings(ARRAY[batch_id], stored.first_at, stored.last_at + interval '1 microsecond') AS added JOIN series USING (series_id)
        WHERE batch_id = totals_of_batch.batch
        GROUP BY 1, 2, 3
    ) AS added
$$;
