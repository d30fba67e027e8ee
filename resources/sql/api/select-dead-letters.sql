-- Selects a page of dead letters, newest first; the next page begins below the last id.
WITH page AS (
    SELECT id FROM dead_letter
    WHERE (:?cursor::bigint IS NULL OR id < :?cursor::bigint)
      AND (:?reason::text IS NULL OR strpos(case_folded(reason), case_folded(:?reason::text)) > 0)
      AND (:?key::text IS NULL OR key = convert_to(:?key::text, 'UTF8'))
      AND (:?status::text IS NULL OR status = :?status::text)
      AND (:?from::timestamptz IS NULL OR refused_at >= :?from::timestamptz)
      AND (:?to::timestamptz IS NULL OR refused_at < :?to::timestamptz)
    -- One extra row shows whether there is a next page.
    ORDER BY id DESC LIMIT :?limit::integer + 1
), shown AS (
    SELECT id FROM page ORDER BY id DESC LIMIT :?limit::integer
)
SELECT row_to_json(answer)::text AS answer
FROM (SELECT 'success' AS status, (SELECT count(*) FROM shown) AS count,
             array_to_json(ARRAY(SELECT dead_letter_json(letter) FROM dead_letter AS letter JOIN shown USING (id) ORDER BY id DESC)) AS data,
             CASE WHEN (SELECT count(*) FROM page) > :?limit::integer THEN (SELECT min(id) FROM shown) END AS next) AS answer
