-- Makes the partitions that readings at these times need and that are not there; answers how many it made. What belongs to a
-- partition that is being dropped waits until it has gone.
CREATE OR REPLACE FUNCTION make_reading_partitions(times timestamptz[], width interval) RETURNS integer
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    wanted timestamptz;
    lower_bound timestamptz;
    upper_bound timestamptz;
    partition_name text;
    made integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM unnest(times) AS t WHERE NOT EXISTS (
        SELECT FROM time_partition WHERE of_table = 'reading' AND t >= from_time AND t < until_time AND NOT leaving)) THEN
        RETURN 0;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('make_reading_partitions'));
    PERFORM forget_missing_partitions('reading');
    FOR wanted IN SELECT DISTINCT t FROM unnest(times) AS t ORDER BY t LOOP
        SELECT name INTO partition_name FROM reading_partition WHERE wanted >= from_time AND wanted < until_time AND leaving;
        IF FOUND THEN
            RAISE EXCEPTION 'Partition % has expired and is being dropped; what it should store waits until it has gone', partition_name
                USING ERRCODE = 'object_in_use';
        END IF;
        CONTINUE WHEN EXISTS (SELECT FROM reading_partition WHERE wanted >= from_time AND wanted < until_time);
        SELECT from_time, until_time INTO lower_bound, upper_bound FROM usual_partition(wanted, width);
        -- Where the width was another before, the new partition ends at its neighbours.
        lower_bound := greatest(lower_bound, (SELECT max(until_time) FROM reading_partition WHERE until_time <= wanted));
        upper_bound := least(upper_bound, (SELECT min(from_time) FROM reading_partition WHERE from_time > wanted));
        partition_name := free_name('reading_' || to_char(lower_bound, 'YYYYMMDD_HH24'));
        -- Made apart and then attached: that does not lock out who reads or writes the other partitions.
        EXECUTE format('CREATE TABLE %I (LIKE reading INCLUDING ALL)', partition_name);
        EXECUTE format('ALTER TABLE reading ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                       partition_name, lower_bound, upper_bound);
        INSERT INTO reading_partition VALUES (partition_name, lower_bound, upper_bound);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
