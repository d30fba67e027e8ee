-- Advances partitions, each only from the position that the caller knows.
UPDATE stored_position AS stored
SET next_offset = given.next_offset, stored_at = now()
FROM (SELECT ?::text AS consumer_group, * FROM unnest(?::text[], ?::integer[], ?::bigint[], ?::bigint[]) AS given (topic, "partition", known, next_offset)) AS given
WHERE stored.consumer_group = given.consumer_group AND stored.topic = given.topic AND stored."partition" = given."partition" AND stored.next_offset = given.known
