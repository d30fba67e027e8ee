-- Forgets the partitions of a table that were dropped or detached by hand, so that they are made again when they are needed. With the hours of a
-- month go its other statistics, as when it expires.
CREATE OR REPLACE FUNCTION forget_missing_partitions(from_table text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    missing text[];
BEGIN
    IF from_table = 'reading' THEN
        DELETE FROM reading_partition WHERE name NOT IN (SELECT name FROM time_partition);
    ELSE
        missing := ARRAY(SELECT name FROM rollup_partition WHERE name NOT IN (SELECT name FROM time_partition));
        UPDATE rollup_partition SET leaving = true WHERE name = ANY (missing);
        DELETE FROM rollup_partition WHERE name = ANY (missing);
    END IF;
END $$;
