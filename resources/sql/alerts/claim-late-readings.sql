-- Claims spans of late readings that are stored: once no more have come for ten seconds, or after five minutes. A program that is killed meanwhile loses its claim.
UPDATE alert_late SET claimed_at = now()
WHERE (tenant, sensor_id, topic, "partition") IN (
    SELECT late.tenant, late.sensor_id, late.topic, late."partition"
    FROM alert_late AS late JOIN stored_position AS stored USING (topic, "partition")
    WHERE (late.changed_at < now() - interval '10 seconds' OR late.first_at < now() - interval '5 minutes') AND coalesce(late.claimed_at < now() - interval '5 minutes', true)
      AND stored.consumer_group = :?store_group AND stored.next_offset >= late.next_offset
    ORDER BY late.changed_at LIMIT 10 FOR UPDATE OF late SKIP LOCKED)
RETURNING tenant, sensor_id, topic, "partition", microseconds(from_at) AS from_at, microseconds(until_at) AS until_at, microseconds(received_at) AS received_at, changed_at::text AS changed_at
