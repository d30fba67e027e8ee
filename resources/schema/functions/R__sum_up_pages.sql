-- From the newest pages of a partition back to the first that are summed up: what that costs depends on the pages that are new. The
-- lock that this takes would, after a second, end an autovacuum that has it; so it waits less, and comes again.
CREATE OR REPLACE FUNCTION sum_up_pages(first_at timestamptz, last_at timestamptz) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '100ms' AS $$
DECLARE
    partition record;
    page bigint;
BEGIN
    FOR partition IN
        SELECT indexrelid AS index, pg_relation_size(indrelid) / current_setting('block_size')::integer AS pages,
               (SELECT option_value::integer FROM pg_options_to_table(reloptions) WHERE option_name = 'pages_per_range') AS pages_per_range
        FROM pg_inherits JOIN pg_index ON indexrelid = inhrelid JOIN pg_class ON oid = indexrelid JOIN reading_partition ON to_regclass(name) = indrelid
        WHERE inhparent = 'reading_batch'::regclass AND from_time <= last_at AND until_time > first_at
    LOOP
        page := partition.pages - 1;
        WHILE page >= 0 AND brin_summarize_range(partition.index, page) > 0 LOOP
            page := page - partition.pages_per_range;
        END LOOP;
    END LOOP;
EXCEPTION WHEN lock_not_available THEN
    RETURN;
END $$;
