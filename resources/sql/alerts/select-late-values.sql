-- Selects the values of a sensor that an alert rule looks at, in the order of their times, and no values for other readings from where the rule does not apply: the metrics of the rule, the patterns
-- of its locations or NULL, the sensor, from and until when, in microseconds since 1970.
SELECT location, at, CASE WHEN array_position("values", NULL) IS NULL THEN "values" END AS "values"
FROM (
    SELECT location, microseconds(at) AS at,
           ARRAY(SELECT "values"[array_position(metrics, name)] FROM unnest(given.wanted) WITH ORDINALITY AS named (name, place) ORDER BY place) AS "values",
           NOT location LIKE ANY (given.location_patterns) AS is_elsewhere
    FROM (SELECT ?::text[] AS wanted, ?::text[] AS location_patterns, ?::text AS sensor_id, ?::bigint AS from_at, ?::bigint AS until_at) AS given,
         LATERAL readings_in_order(ARRAY[given.sensor_id], NULL,
             CASE WHEN NOT EXISTS (SELECT FROM series WHERE series.sensor_id = given.sensor_id AND NOT location LIKE ANY (given.location_patterns)) THEN given.wanted[1] END,
             as_time(given.from_at), as_time(given.until_at), false, NULL)
    OFFSET 0
) AS reading
WHERE array_position("values", NULL) IS NULL OR is_elsewhere
