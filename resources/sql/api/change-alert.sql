-- Acknowledges, shelves or clears an alert.
SELECT unknown::text AS unknown, "over", row_to_json(answer)::text AS answer
FROM change_alert(:?id::uuid, :?kind::text, :?by::text, :?comment::text, :?until::timestamptz) AS result, LATERAL (SELECT 'success' AS status, changed AS data) AS answer
