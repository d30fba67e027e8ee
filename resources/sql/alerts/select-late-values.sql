-- Selects the values of a sensor that an alert rule looks at, in the order of their times: the metrics of the rule, the sensor, from and until when, in microseconds since 1970.
SELECT location, microseconds(at) AS at, "values"
FROM (
    SELECT location, at, ARRAY(SELECT "values"[array_position(metrics, name)] FROM unnest(given.wanted) WITH ORDINALITY AS named (name, place) ORDER BY place) AS "values"
    FROM (SELECT ?::text[] AS wanted, ?::text AS sensor_id, ?::bigint AS from_at, ?::bigint AS until_at) AS given,
         LATERAL readings_in_order(ARRAY[given.sensor_id], NULL, given.wanted[1], as_time(given.from_at), as_time(given.until_at), false, NULL)
    OFFSET 0
) AS reading
WHERE array_position("values", NULL) IS NULL
