-- Counts, by series and metric, stored readings that have text under the name of the metric; in the order of their keys, so that two callers never
-- wait for each other in a ring.
CREATE OR REPLACE FUNCTION count_texts(stored given_reading[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO text_for_number AS known (series_id, "position", readings, last_at, last_received_at)
    SELECT series_id, metric."position", count(*), max(at), max(received_at)
    FROM unnest(stored) JOIN series USING (series_id)
    CROSS JOIN LATERAL unnest(metrics) WITH ORDINALITY AS metric (name, "position")
    WHERE jsonb_typeof(attributes -> metric.name) = 'string'
    GROUP BY series_id, metric."position"
    ORDER BY series_id, metric."position"
    ON CONFLICT (series_id, "position") DO UPDATE SET
        readings = known.readings + excluded.readings,
        last_at = greatest(known.last_at, excluded.last_at),
        last_received_at = greatest(known.last_received_at, excluded.last_received_at);
$$;
