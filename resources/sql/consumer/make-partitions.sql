-- Creates the partitions that a batch needs; its hours represent its readings, because no partition is narrower.
SELECT make_reading_partitions(array_agg(hour), :?partition_width::interval), make_rollup_partitions(array_agg(hour))
FROM (SELECT to_timestamp(hour * 3600.0) AS hour FROM unnest(:?hours::bigint[]) AS hour) AS needed
