-- Sensors change their partition when a topic gets more of them, and take their states along.

ALTER TABLE alert_state DROP COLUMN partitions;
ALTER TABLE alert_position ADD COLUMN raised_at timestamptz, ADD COLUMN delivered_offset bigint, ADD COLUMN waiting text[];
COMMENT ON COLUMN alert_position.partitions IS 'How many partitions the topic had when this one was added';
COMMENT ON COLUMN alert_position.raised_at IS 'When the topic was found to have more partitions; null if it never was';
COMMENT ON COLUMN alert_position.delivered_offset IS 'Where reading goes on: records between next_offset and this one wait in memory; null if that is next_offset';
COMMENT ON COLUMN alert_position.waiting IS 'The sensors of those records';

UPDATE alert_position SET partitions = topics.partitions
FROM (SELECT topic, count(*) AS partitions FROM alert_position GROUP BY topic) AS topics
WHERE alert_position.topic = topics.topic AND alert_position.partitions IS NULL;
UPDATE alert_position SET raised_at = now()
WHERE topic IN (SELECT topic FROM alert_position GROUP BY topic HAVING min(partitions) < count(*));
