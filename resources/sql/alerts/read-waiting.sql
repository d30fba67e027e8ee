-- Reads how far the partitions of a topic are evaluated, and which sensors wait there.
SELECT "partition", coalesce(delivered_offset, next_offset) AS delivered_offset, applied_change, waiting FROM alert_position WHERE topic = ?
