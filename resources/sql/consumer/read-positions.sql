-- Reads how far partitions are stored.
SELECT topic, "partition", next_offset FROM stored_position
WHERE consumer_group = ? AND (topic, "partition") IN (SELECT * FROM unnest(?::text[], ?::integer[]))
