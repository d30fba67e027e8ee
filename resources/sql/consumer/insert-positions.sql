-- Adds the positions of partitions that the database does not know.
INSERT INTO stored_position (consumer_group, topic, "partition", next_offset) SELECT ?, * FROM unnest(?::text[], ?::integer[], ?::bigint[])
