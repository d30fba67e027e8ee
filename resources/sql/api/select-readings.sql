-- Selects readings in time order, from the cursor on; all without a limit, otherwise one more, which begins the next page.
WITH newest AS MATERIALIZED (
    SELECT series_id, sensor_id, location, metrics, at, received_at, "values", attributes
    FROM newest_of_all(:?limit::integer + 1, 'infinity') JOIN series USING (series_id)
    WHERE :?order::text = 'desc' AND :?cursor::text IS NULL AND :?to::timestamptz IS NULL AND :?limit::integer IS NOT NULL
      AND :?sensor_id::text[] IS NULL AND :?location::text[] IS NULL AND :?metric::text IS NULL
)
SELECT series_id, sensor_id, location, metrics, microseconds(at) AS at, microseconds(received_at) AS received_at, "values"::text, attributes::text,
       row_number() OVER () > :?limit::integer AS is_next
FROM (
    (SELECT * FROM newest WHERE :?from::timestamptz IS NULL OR at >= :?from::timestamptz ORDER BY at DESC, series_id DESC)
    UNION ALL
    SELECT * FROM readings_in_order(:?sensor_id::text[], :?location::text[], :?metric::text,
        greatest('-infinity', :?from::timestamptz, CASE WHEN :?order::text = 'asc' THEN cursor_time(:?cursor::text) END),
        least('infinity', :?to::timestamptz, CASE WHEN :?order::text = 'desc' THEN cursor_time(:?cursor::text) + interval '1 microsecond' END),
        :?order::text = 'desc', :?limit::integer + 2)
    WHERE NOT EXISTS (SELECT FROM newest)
) AS readings
-- Of the readings with the time of the cursor, those up to the cursor were on the previous page.
WHERE :?cursor::text IS NULL OR at <> cursor_time(:?cursor::text)
   OR CASE WHEN :?order::text = 'desc' THEN series_id < cursor_series(:?cursor::text) ELSE series_id > cursor_series(:?cursor::text) END
LIMIT :?limit::integer + 1
