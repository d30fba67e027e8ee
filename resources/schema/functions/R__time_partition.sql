-- Partitions of rollup_hour get their rows in the transaction that makes them.
CREATE OR REPLACE VIEW time_partition AS
SELECT 'reading' AS of_table, 'at' AS time_column, name, from_time, until_time, leaving, made_at FROM reading_partition
UNION ALL
SELECT 'rollup_hour', 'hour', name, from_time, until_time, leaving, '-infinity' FROM rollup_partition;

COMMENT ON VIEW time_partition IS 'The partitions of reading and of rollup_hour';
