-- Requests the replay of waiting dead letters that match all filters, the oldest first; none if an id is "unknown". Without ids so many are searched.
WITH alone AS MATERIALIZED (
    SELECT lock_dead_letters()
), search AS MATERIALIZED (
    -- The letters beyond the limit are only counted.
    SELECT found.ids, found.next FROM alone CROSS JOIN find_dead_letters(:?reason::text, NULL, 'waiting', :?from::timestamptz, :?to::timestamptz,
        :?cursor::text, false, :?limit::integer + 10000, 100000) AS found
    WHERE :?ids::bigint[] IS NULL
), done AS MATERIALIZED (
    SELECT found.ids FROM unnest(ARRAY['replaying', 'replayed']) AS of (status)
    CROSS JOIN LATERAL find_dead_letters(:?reason::text, NULL, of.status, :?from::timestamptz, :?to::timestamptz, NULL, false, 10000, 100000) AS found
    WHERE :?ids::bigint[] IS NULL
), known AS (
    SELECT id, status, replay_of FROM alone CROSS JOIN dead_letter
    WHERE id = ANY (:?ids::bigint[])
      AND (:?reason::text IS NULL OR strpos(case_folded(reason), case_folded(:?reason::text)) > 0)
      AND (:?from::timestamptz IS NULL OR refused_at >= :?from::timestamptz)
      AND (:?to::timestamptz IS NULL OR refused_at < :?to::timestamptz)
    UNION ALL
    SELECT id, status, replay_of FROM search CROSS JOIN unnest(ids) AS found (id) JOIN dead_letter USING (id)
    UNION ALL
    SELECT id, 'replayed', NULL FROM done CROSS JOIN unnest(ids) AS found (id)
), waiting AS (
    SELECT id, :?ids::bigint[] IS NULL AND NOT :?again::boolean AND replay_of IS NOT NULL AS failed_again
    FROM known WHERE status = 'waiting'
), chosen AS (
    SELECT id FROM waiting
    WHERE NOT failed_again
      AND NOT EXISTS (SELECT FROM unnest(:?ids::bigint[]) AS asked WHERE NOT EXISTS (SELECT FROM dead_letter WHERE id = asked))
    ORDER BY id LIMIT :?limit::integer
), replayed AS (
    -- Of two concurrent requests, the second one finds that the letter is no longer waiting.
    UPDATE dead_letter SET status = 'replaying' FROM chosen WHERE dead_letter.id = chosen.id AND dead_letter.status = 'waiting'
    RETURNING dead_letter.id
), counts AS (
    SELECT (SELECT count(*) FROM known) AS known, (SELECT count(*) FROM waiting) AS waiting, (SELECT count(*) FROM chosen) AS chosen,
           (SELECT count(*) FROM replayed) AS replayed, (SELECT count(*) FROM waiting WHERE failed_again) AS failed_again
)
SELECT (SELECT string_agg(asked::text, ', ') FROM unnest(:?ids::bigint[]) AS asked
        WHERE NOT EXISTS (SELECT FROM dead_letter WHERE id = asked)) AS unknown,
    row_to_json(answer)::text AS answer
FROM (SELECT 'success' AS status, replayed, row_to_json(skipped) AS skipped, waiting - counts.failed_again - chosen AS remaining, (SELECT next FROM search) AS next
      FROM counts CROSS JOIN LATERAL (SELECT known - waiting + chosen - replayed AS already_replayed, failed_again) AS skipped) AS answer
