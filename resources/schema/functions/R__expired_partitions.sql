-- The partitions that can go whole: those that have expired for every tenant with rows in them. One that has just been made
-- and has none yet was made for readings that are about to come.
CREATE OR REPLACE FUNCTION expired_partitions(raw interval, rollup interval, only_name text DEFAULT NULL)
RETURNS TABLE (of_table text, name text, from_time timestamptz, until_time timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT listed.of_table, listed.name, listed.from_time, listed.until_time
    FROM time_partition AS listed
    WHERE NOT listed.leaving
      AND (only_name IS NULL OR listed.name = only_name)
      AND listed.until_time <= (SELECT max(e.expired_before) FROM expiry(raw, rollup) AS e WHERE e.of_table = listed.of_table)
      AND NOT has_rows_of(ARRAY(SELECT e.tenant FROM expiry(raw, rollup) AS e
                                WHERE e.of_table = listed.of_table AND e.expired_before < listed.until_time), listed.name)
      AND (listed.made_at < now() - interval '1 hour' OR has_rows_of(NULL, listed.name))
$$;
