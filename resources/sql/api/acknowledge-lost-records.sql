-- Acknowledges lost records up to the last one that the caller has seen.
WITH acknowledged AS (
    UPDATE lost_records SET acknowledged_at = now() WHERE id <= :?through::bigint AND acknowledged_at IS NULL RETURNING id
)
SELECT row_to_json(answer)::text AS answer FROM (SELECT 'success' AS status, count(*) AS acknowledged FROM acknowledged) AS answer
