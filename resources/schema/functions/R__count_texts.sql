-- Counts, by series and metric, stored readings that have an attribute with the name of the metric: text, or a number that was not plausible; in the order of
-- their keys, so that two callers never wait for each other in a ring.
CREATE OR REPLACE FUNCTION count_texts(stored given_reading[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO text_for_number AS known (series_id, "position", is_implausible, readings, last_at, last_received_at)
    SELECT series_id, metric."position", jsonb_typeof(attributes -> metric.name) = 'number' AS is_implausible, count(*), max(at), max(received_at)
    FROM unnest(stored) JOIN series USING (series_id)
    CROSS JOIN LATERAL unnest(metrics) WITH ORDINALITY AS metric (name, "position")
    WHERE jsonb_typeof(attributes -> metric.name) IN ('string', 'number')
    GROUP BY series_id, metric."position", is_implausible
    ORDER BY series_id, metric."position", is_implausible
    ON CONFLICT (series_id, "position", is_implausible) DO UPDATE SET
        readings = known.readings + excluded.readings,
        last_at = greatest(known.last_at, excluded.last_at),
        last_received_at = greatest(known.last_received_at, excluded.last_received_at);
$$;
