-- What a stored batch adds to the totals of its groups, added up from its readings.
CREATE OR REPLACE FUNCTION totals_of_batch(batch bigint) RETURNS hour_total[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(ROW(group_id, hour, metric, readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)::hour_total), '{}')
    FROM (
        SELECT group_id, hour, metrics["position"] AS metric, sum(added.readings) AS readings, sum(events) AS events, min(first_at) AS first_at, max(last_at) AS last_at,
               sum(scaled_total) AS scaled_total, min(lowest) AS lowest, max(highest) AS highest, max(last_received_at) AS last_received_at
        FROM hours_of_readings(ARRAY[batch], '-infinity', 'infinity') AS added JOIN series USING (series_id)
        GROUP BY 1, 2, 3
    ) AS added
$$;
