-- Requests the replay of waiting dead letters that match all filters, the oldest first; none if an id is "unknown".
WITH known AS (
    SELECT id, status, replay_of FROM dead_letter
    WHERE (:?ids::bigint[] IS NULL OR id = ANY (:?ids::bigint[]))
      AND (:?reason::text IS NULL OR strpos(case_folded(reason), case_folded(:?reason::text)) > 0)
      AND (:?from::timestamptz IS NULL OR refused_at >= :?from::timestamptz)
      AND (:?to::timestamptz IS NULL OR refused_at < :?to::timestamptz)
), waiting AS (
    SELECT id, :?ids::bigint[] IS NULL AND NOT :?again::boolean AND replay_of IS NOT NULL AS failed_again
    FROM known WHERE status = 'waiting'
), chosen AS (
    SELECT id FROM waiting
    WHERE NOT failed_again
      AND NOT EXISTS (SELECT FROM unnest(:?ids::bigint[]) AS asked WHERE NOT EXISTS (SELECT FROM dead_letter WHERE id = asked))
    ORDER BY id LIMIT :?limit::integer
), replayed AS (
    -- Of two concurrent requests, the second one blocks here, and then finds that the letter is no longer waiting.
    UPDATE dead_letter SET status = 'replaying' FROM chosen WHERE dead_letter.id = chosen.id AND dead_letter.status = 'waiting'
    RETURNING dead_letter.id
), counts AS (
    SELECT (SELECT count(*) FROM known) AS known, (SELECT count(*) FROM waiting) AS waiting, (SELECT count(*) FROM chosen) AS chosen,
           (SELECT count(*) FROM replayed) AS replayed, (SELECT count(*) FROM waiting WHERE failed_again) AS failed_again
)
SELECT (SELECT string_agg(asked::text, ', ') FROM unnest(:?ids::bigint[]) AS asked
        WHERE NOT EXISTS (SELECT FROM dead_letter WHERE id = asked)) AS unknown,
    row_to_json(answer)::text AS answer
FROM (SELECT 'success' AS status, replayed, row_to_json(skipped) AS skipped, waiting - counts.failed_again - chosen AS remaining
      FROM counts CROSS JOIN LATERAL (SELECT known - waiting + chosen - replayed AS already_replayed, failed_again) AS skipped) AS answer
