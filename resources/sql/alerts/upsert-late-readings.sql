-- Adds spans of readings of a partition that came late.
INSERT INTO alert_late (tenant, topic, "partition", next_offset, sensor_id, from_at, until_at, received_at)
SELECT ?, ?, ?, ?, given.sensor_id, as_time(given.from_at), as_time(given.until_at), as_time(given.received_at)
FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::bigint[]) AS given (sensor_id, from_at, until_at, received_at)
ON CONFLICT (tenant, sensor_id, topic, "partition") DO UPDATE SET next_offset = excluded.next_offset, from_at = least(alert_late.from_at, excluded.from_at),
    until_at = greatest(alert_late.until_at, excluded.until_at), received_at = least(alert_late.received_at, excluded.received_at), changed_at = excluded.changed_at
