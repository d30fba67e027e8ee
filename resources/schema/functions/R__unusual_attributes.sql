-- How many readings have text where a number usually is, or a number that was not plausible, of how many sensors, and where most of them are from.
CREATE OR REPLACE FUNCTION unusual_attributes(are_implausible boolean) RETURNS json
LANGUAGE sql STABLE AS $$
    WITH found AS (
        SELECT sensor_id, metrics["position"] AS metric, readings, last_received_at FROM text_for_number JOIN series USING (series_id) WHERE is_implausible = are_implausible
    )
    SELECT row_to_json(shown) FROM (
        SELECT coalesce(sum(readings), 0) AS readings, count(DISTINCT sensor_id) AS sensors, iso_8601(max(last_received_at)) AS newest,
               array_to_json(ARRAY(
                   SELECT row_to_json(field) FROM (
                       SELECT sensor_id, metric, sum(readings) AS readings, iso_8601(max(last_received_at)) AS last_received
                       FROM found GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 10) AS field)) AS most
        FROM found) AS shown
$$;
