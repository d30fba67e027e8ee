-- Summarizes new pages of readings in the index reading_batch, in the partitions that recently stored batches reach into: from the newest page back to the first that is
-- summarized, so what it costs depends on the pages that are new. One caller at a time does it. A partition that is being vacuumed is left for the next time: to wait for a second would end that
-- autovacuum.
CREATE OR REPLACE FUNCTION summarize_new_pages() RETURNS void
LANGUAGE plpgsql SET lock_timeout = '100ms' AS $$
DECLARE
    partition record;
    page bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('summarize_new_pages')) THEN
        RETURN;
    END IF;
    FOR partition IN
        WITH recent AS MATERIALIZED (
            SELECT first_at, last_at FROM (SELECT first_at, last_at, stored_at FROM batch ORDER BY batch_id DESC LIMIT 1000) AS newest
            WHERE stored_at > now() - interval '15 seconds'
        )
        SELECT indrelid::regclass AS of_table, indexrelid AS index, pg_relation_size(indrelid) / current_setting('block_size')::integer AS pages,
               (SELECT option_value::integer FROM pg_options_to_table(reloptions) WHERE option_name = 'pages_per_range') AS pages_per_range
        FROM pg_inherits JOIN pg_index ON indexrelid = inhrelid JOIN pg_class ON oid = indexrelid JOIN reading_partition AS listed ON to_regclass(name) = indrelid
        WHERE inhparent = 'reading_batch'::regclass AND NOT leaving
          AND listed.until_time > (SELECT min(first_at) FROM recent) AND listed.from_time <= (SELECT max(last_at) FROM recent)
          AND EXISTS (SELECT FROM recent WHERE recent.first_at < listed.until_time AND recent.last_at >= listed.from_time)
        ORDER BY from_time DESC
    LOOP
        BEGIN
            -- For all of its pages: without it, an interruption would leave pages behind those that are summarized already.
            EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', partition.of_table);
            page := partition.pages - 1;
            WHILE page >= 0 AND brin_summarize_range(partition.index, page) > 0 LOOP
                page := page - partition.pages_per_range;
            END LOOP;
        EXCEPTION WHEN lock_not_available OR undefined_table OR undefined_object THEN
            CONTINUE;
        END;
    END LOOP;
END $$;
