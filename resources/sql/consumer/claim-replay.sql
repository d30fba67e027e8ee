-- Leases one dead letter to be replayed for a minute; those not tried yet come first.
WITH claimed AS (
    UPDATE dead_letter SET leased_until = now() + interval '1 minute'
    WHERE id = (SELECT id FROM dead_letter
                WHERE status = 'replaying' AND (leased_until IS NULL OR leased_until < now())
                ORDER BY leased_until NULLS FIRST, id LIMIT 1
                FOR UPDATE SKIP LOCKED)
    RETURNING *
)
-- A failed replay is the same record as its first failure, which has the headers sent by the device.
SELECT claimed.id, claimed.topic, claimed.key, claimed.value, coalesce(first.headers, claimed.headers)::text AS headers,
       coalesce(claimed.replay_of, claimed.id)::text AS first_id
FROM claimed LEFT JOIN dead_letter AS first ON first.id = claimed.replay_of
