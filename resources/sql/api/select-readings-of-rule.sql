-- The values that an alert rule looks at, in the order of their times: of the last day, unless a range is given. Of a rule with a condition, those of readings with all metrics that it names. Other
-- readings, without values, are from where the rule does not apply: they end alerts, too.
SELECT sensor_id, location, at, CASE WHEN array_position("values", NULL) IS NULL THEN "values" END AS "values"
FROM (
    SELECT sensor_id, location, microseconds(at) AS at,
           CASE cardinality(:?metrics::text[]) WHEN 1 THEN ARRAY["values"[array_position(metrics, (:?metrics::text[])[1])]]
                ELSE ARRAY(SELECT "values"[array_position(metrics, name)] FROM unnest(:?metrics::text[]) WITH ORDINALITY AS named (name, place) ORDER BY place) END AS "values"
    FROM (
        SELECT CASE WHEN coalesce(:?sensor_patterns::text[], :?location_patterns::text[]) IS NOT NULL
                    THEN ARRAY(SELECT DISTINCT sensor_id FROM series
                               WHERE (:?sensor_patterns::text[] IS NULL OR sensor_id LIKE ANY (:?sensor_patterns::text[]))
                                 AND (:?location_patterns::text[] IS NULL OR location LIKE ANY (:?location_patterns::text[]))) END AS sensors
    ) AS wanted
    CROSS JOIN LATERAL readings_in_order(
        wanted.sensors, NULL,
        CASE WHEN NOT EXISTS (SELECT FROM series WHERE sensor_id = ANY (wanted.sensors) AND NOT location LIKE ANY (:?location_patterns::text[])) THEN (:?metrics::text[])[1] END,
        coalesce(:?from::timestamptz, least(now(), :?to::timestamptz) - interval '1 day'), coalesce(:?to::timestamptz, 'infinity'), false, NULL)
    -- OFFSET 0 keeps the planner from looking values up twice.
    OFFSET 0
) AS reading
WHERE array_position("values", NULL) IS NULL OR NOT location LIKE ANY (:?location_patterns::text[])
