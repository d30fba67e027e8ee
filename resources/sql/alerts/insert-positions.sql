-- Adds the positions of partitions that the database does not know, and notes that a topic has more partitions than before. Changes up to now apply to readings from there on; nothing is changed
-- about the topic of alerts, which has no tenant.
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(?::text[], ?::integer[], ?::text[], ?::bigint[], ?::integer[]) AS given (topic, "partition", tenant, next_offset, partitions)
), raised AS (
    UPDATE alert_position SET raised_at = now() FROM (SELECT topic, max(partitions) AS partitions FROM given GROUP BY topic) AS present
    WHERE alert_position.topic = present.topic AND alert_position.partitions < present.partitions
)
INSERT INTO alert_position (topic, "partition", tenant, next_offset, partitions, change_id, applied_change, raised_at)
SELECT given.*, latest.change_id, latest.change_id,
       CASE WHEN EXISTS (SELECT FROM alert_position AS other WHERE other.topic = given.topic AND other.partitions < given.partitions) THEN now() END
FROM given, LATERAL (SELECT coalesce(max(change_id), 0) AS change_id FROM alert_change WHERE given.tenant IS NOT NULL) AS latest
