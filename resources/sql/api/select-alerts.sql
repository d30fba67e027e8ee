-- Selects a page of alerts, the newest first, and tells where the next page begins.
SELECT row_to_json(answer)::text AS answer
FROM (SELECT 'success' AS status, cardinality(alerts) AS count, array_to_json(alerts) AS data, next
      FROM find_alerts(:?state::text, :?severity::text, :?sensor_id::text, :?rule::text, :?from::timestamptz, :?to::timestamptz, :?active_from::timestamptz, :?cursor::text, :?limit::integer, :?location::text[])) AS answer
