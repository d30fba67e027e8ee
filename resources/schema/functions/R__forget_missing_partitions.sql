-- Forgets the partitions of a table that were dropped or detached by hand, so that they are made again when they are needed. With readings go the totals by minute
-- of their time, with the hours of a month its other statistics, as when they expire.
CREATE OR REPLACE FUNCTION forget_missing_partitions(from_table text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    missing text[];
BEGIN
    IF from_table = 'reading' THEN
        missing := ARRAY(SELECT name FROM reading_partition WHERE name NOT IN (SELECT name FROM time_partition));
        IF missing <> '{}' THEN
            DELETE FROM rollup_total_minute USING reading_partition WHERE name = ANY (missing) AND minute >= from_time AND minute < until_time;
            DELETE FROM reading_partition WHERE name = ANY (missing);
        END IF;
    ELSE
        missing := ARRAY(SELECT name FROM rollup_partition WHERE name NOT IN (SELECT name FROM time_partition));
        UPDATE rollup_partition SET leaving = true WHERE name = ANY (missing);
        DELETE FROM rollup_partition WHERE name = ANY (missing);
    END IF;
END $$;
