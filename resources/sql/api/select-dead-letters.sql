-- A page of dead letters, newest first; the next page begins below the last id.
WITH page AS (
    SELECT id FROM dead_letter
    WHERE (:?cursor::bigint IS NULL OR id < :?cursor::bigint)
      AND (:?reason::text IS NULL OR strpos(lower(reason), lower(:?reason::text)) > 0)
      AND (:?key::text IS NULL OR key = convert_to(:?key::text, 'UTF8'))
      AND (:?status::text IS NULL OR status = :?status::text)
      AND (:?from::timestamptz IS NULL OR refused_at >= :?from::timestamptz)
      AND (:?to::timestamptz IS NULL OR refused_at < :?to::timestamptz)
    -- One more than asked for tells whether there is a next page.
    ORDER BY id DESC LIMIT :?limit::integer + 1
), shown AS (
    SELECT id FROM page ORDER BY id DESC LIMIT :?limit::integer
)
SELECT json_build_object('status', 'success', 'count', (SELECT count(*) FROM shown),
    'data', (SELECT coalesce(json_agg(dead_letter_json(letter) ORDER BY id DESC), '[]')
             FROM dead_letter AS letter JOIN shown USING (id)),
    'next', CASE WHEN (SELECT count(*) FROM page) > :?limit::integer THEN (SELECT min(id) FROM shown) END)::text AS answer
