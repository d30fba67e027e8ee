-- Makes the partitions that a batch needs; its hours stand for its readings, because no partition is narrower.
SELECT make_reading_partitions(
    ARRAY(SELECT to_timestamp(hour * 3600.0) FROM unnest(:?hours::bigint[]) AS hour),
    :?partition_width::interval)
