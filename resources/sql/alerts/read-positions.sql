-- Reads how far partitions are evaluated, or their alerts stored.
SELECT topic, "partition", next_offset, change_id, applied_change, raised_at, partitions FROM alert_position
WHERE (topic, "partition") IN (SELECT * FROM unnest(?::text[], ?::integer[]))
