-- Selects a page of dead letters, newest first; a page searches at most so many for a reason, and tells where the next one begins.
SELECT row_to_json(answer)::text AS answer
FROM (SELECT 'success' AS status, cardinality(ids) AS count,
             array_to_json(ARRAY(SELECT dead_letter_json(letter) FROM unnest(ids) WITH ORDINALITY AS found (id, "position")
                                 JOIN dead_letter AS letter USING (id) ORDER BY "position")) AS data,
             next
      FROM find_dead_letters(:?reason::text, :?key::text, :?status::text, :?from::timestamptz, :?to::timestamptz, :?cursor::text, true,
                             :?limit::integer, 100000)) AS answer
