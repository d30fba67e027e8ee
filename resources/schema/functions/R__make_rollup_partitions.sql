-- Makes the partitions that rollups from one time to another need and that are not there.
CREATE OR REPLACE FUNCTION make_rollup_partitions(first_at timestamptz, last_at timestamptz) RETURNS void
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    month timestamptz;
    partition_name text;
BEGIN
    FOR month IN SELECT m FROM generate_series(date_trunc('month', first_at), last_at, interval '1 month') AS m
                 WHERE m NOT IN (SELECT from_time FROM time_partition WHERE of_table = 'rollup_hour') LOOP
        PERFORM pg_advisory_xact_lock(hashtext('make_rollup_partitions'));
        PERFORM forget_missing_partitions('rollup_hour');
        CONTINUE WHEN EXISTS (SELECT FROM rollup_partition WHERE from_time = month);
        partition_name := free_name('rollup_hour_' || to_char(month, 'YYYYMM'));
        -- Rows change while their hour lasts: room in each page lets a new version stay beside the old one.
        EXECUTE format('CREATE TABLE %I (LIKE rollup_hour INCLUDING ALL) WITH (fillfactor = 50)', partition_name);
        EXECUTE format('ALTER TABLE rollup_hour ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                       partition_name, month, month + interval '1 month');
        INSERT INTO rollup_partition VALUES (partition_name, month, month + interval '1 month');
    END LOOP;
END $$;

-- Makes those that readings at these times need. What belongs to one that is being dropped waits until it has gone.
CREATE OR REPLACE FUNCTION make_rollup_partitions(times timestamptz[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    partition_name text;
BEGIN
    SELECT name INTO partition_name FROM rollup_partition
    WHERE leaving AND EXISTS (SELECT FROM unnest(times) AS t WHERE t >= from_time AND t < until_time);
    IF FOUND THEN
        RAISE EXCEPTION 'Partition % has expired and is being dropped; what it should store waits until it has gone', partition_name
            USING ERRCODE = 'object_in_use';
    END IF;
    PERFORM make_rollup_partitions(month, month)
    FROM (SELECT DISTINCT date_trunc('month', t, 'UTC') AS month FROM unnest(times) AS t) AS months
    WHERE month NOT IN (SELECT from_time FROM time_partition WHERE of_table = 'rollup_hour');
END $$;
