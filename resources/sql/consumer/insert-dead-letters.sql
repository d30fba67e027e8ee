-- Stores dead letters, each once however often it is delivered, and links a failed replay to the first failure.
INSERT INTO dead_letter (tenant, topic, "partition", "offset", received_at, record_time, refused_at, reason, key, value, headers, replay_of)
SELECT given.tenant, given.topic, given."partition", given."offset",
       to_timestamp(given.received_at / 1e3::float8), given.record_time, to_timestamp(given.refused_at / 1e6::float8),
       given.reason, given.key, given.value, given.headers::json, first.id
FROM unnest(:?tenants::text[], :?topics::text[], :?partitions::integer[], :?offsets::bigint[], :?received_at::bigint[],
            :?record_times::bigint[], :?refused_at::bigint[], :?reasons::text[], :?keys::bytea[], :?values::bytea[], :?headers::text[], :?replay_of::bigint[])
    WITH ORDINALITY AS given (tenant, topic, "partition", "offset", received_at, record_time, refused_at, reason, key, value, headers, replay_of, position)
-- Any device can send the header that names a first failure, so it is only accepted for an identical record.
LEFT JOIN dead_letter AS first ON first.id = given.replay_of AND first.replay_of IS NULL
    AND first.tenant = given.tenant AND first.topic = given.topic
    AND first.key IS NOT DISTINCT FROM given.key AND first.value IS NOT DISTINCT FROM given.value
-- A hash join would number them in arbitrary order.
ORDER BY given.position
ON CONFLICT ON CONSTRAINT dead_letter_identity DO NOTHING
