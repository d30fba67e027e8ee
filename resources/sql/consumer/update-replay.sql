-- Records that a dead letter was sent to Kafka again, or, with an error, that Kafka rejected it and it is waiting again.
UPDATE dead_letter SET leased_until = NULL, replay_error = nullif(:?error::text, ''),
    status = CASE WHEN :?error::text = '' THEN 'replayed' ELSE 'waiting' END,
    replays = replays + CASE WHEN :?error::text = '' THEN 1 ELSE 0 END,
    replayed_at = CASE WHEN :?error::text = '' THEN now() ELSE replayed_at END
WHERE id = :?id::bigint AND status = 'replaying'
