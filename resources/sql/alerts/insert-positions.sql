-- Adds the positions of partitions that the database does not know. Changes up to now apply to readings from there on; nothing is changed about the topic of alerts, which has no tenant.
INSERT INTO alert_position (topic, "partition", tenant, next_offset, change_id, applied_change)
SELECT given.*, latest.change_id, latest.change_id
FROM unnest(?::text[], ?::integer[], ?::text[], ?::bigint[]) AS given (topic, "partition", tenant, next_offset),
     LATERAL (SELECT coalesce(max(change_id), 0) AS change_id FROM alert_change WHERE given.tenant IS NOT NULL) AS latest
