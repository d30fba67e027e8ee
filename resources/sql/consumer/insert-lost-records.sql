-- Records that Kafka deleted records of a partition before they were stored.
INSERT INTO lost_records (tenant, topic, "partition", first_offset, last_offset, stored_at)
SELECT given.*, stored_at FROM (SELECT ?::text, ?::text AS topic, ?::integer AS "partition", ?::bigint, ?::bigint) AS given
JOIN stored_position ON consumer_group = ? AND stored_position.topic = given.topic AND stored_position."partition" = given."partition"
