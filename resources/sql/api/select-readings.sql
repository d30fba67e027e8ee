-- Selects readings in time order, from the cursor on; all without a limit, otherwise one more, which begins the next page.
WITH page AS MATERIALIZED (
    SELECT series_id, sensor_id, location, metrics, at, received_at, "values", attributes
    FROM page_of_all(:?limit::integer + 1, :?from::timestamptz, :?to::timestamptz, :?order::text = 'desc',
                     cursor_time(:?cursor::text), CASE WHEN :?cursor::text IS NOT NULL THEN cursor_series(:?cursor::text) END)
    WHERE :?limit::integer IS NOT NULL AND :?sensor_id::text[] IS NULL AND :?location::text[] IS NULL AND :?metric::text IS NULL
)
SELECT series_id, sensor_id, location, metrics, microseconds(at) AS at, microseconds(received_at) AS received_at, "values"::text, attributes::text,
       row_number() OVER () > :?limit::integer AS is_next
FROM (
    SELECT * FROM page
    UNION ALL
    SELECT * FROM readings_in_order(:?sensor_id::text[], :?location::text[], :?metric::text,
        greatest('-infinity', :?from::timestamptz, CASE WHEN :?order::text = 'asc' THEN cursor_time(:?cursor::text) END),
        least('infinity', :?to::timestamptz, CASE WHEN :?order::text = 'desc' THEN cursor_time(:?cursor::text) + interval '1 microsecond' END),
        :?order::text = 'desc', :?limit::integer + 2)
    WHERE NOT EXISTS (SELECT FROM page)
) AS readings
-- Of the readings with the time of the cursor, those up to the cursor were on the previous page.
WHERE :?cursor::text IS NULL OR at <> cursor_time(:?cursor::text)
   OR CASE WHEN :?order::text = 'desc' THEN series_id < cursor_series(:?cursor::text) ELSE series_id > cursor_series(:?cursor::text) END
LIMIT :?limit::integer + 1
