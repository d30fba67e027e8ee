-- The partitions that are there, and those that are being dropped; not those that were dropped or detached by hand. Partitions of rollup_hour get their
-- rows in the transaction that makes them.
CREATE OR REPLACE VIEW time_partition AS
SELECT of_table, time_column, name, from_time, until_time, leaving, made_at
FROM (
    SELECT 'reading' AS of_table, 'at' AS time_column, name, from_time, until_time, leaving, made_at FROM reading_partition
    UNION ALL
    SELECT 'rollup_hour', 'hour', name, from_time, until_time, leaving, '-infinity' FROM rollup_partition
) AS listed
-- OFFSET 0 keeps the planner from looking up partitions that nobody asks for.
WHERE leaving OR EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass(name) OFFSET 0);

COMMENT ON VIEW time_partition IS 'The partitions of reading and of rollup_hour';
