-- Finds the next dead letters in the order of their times: the ids of those that match all given filters (null: any), at most "wanted".
-- At most "most" are searched, so that a call costs no more however many there are and however few match. "next" is the cursor to
-- go on from, null at the end. Which index is used depends on the filters, so the statement has only the conditions that are given.
CREATE OR REPLACE FUNCTION find_dead_letters(wanted_reason text, wanted_key text, wanted_status text, from_time timestamptz, until_time timestamptz,
    cursor text, newest_first boolean, wanted integer, most integer, OUT ids bigint[], OUT next text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    wanted_text text := case_folded(wanted_reason);
    letter record;
    last_id bigint;
    last_time timestamptz;
    searched integer := 0;
BEGIN
    ids := '{}';
    FOR letter IN EXECUTE
        'SELECT id, refused_at, reason, status FROM dead_letter WHERE refused_at >= $1 AND refused_at < $2'
        || CASE WHEN wanted_key IS NOT NULL THEN ' AND key_start = substr($3, 1, 200) AND key = $3'
                WHEN wanted_status IS NOT NULL THEN ' AND status = $4' ELSE '' END
        || CASE WHEN cursor IS NULL THEN '' WHEN newest_first THEN ' AND (refused_at, id) < ($5, $6)' ELSE ' AND (refused_at, id) > ($5, $6)' END
        || CASE WHEN newest_first THEN ' ORDER BY refused_at DESC, id DESC' ELSE ' ORDER BY refused_at, id' END
        -- One more shows whether there is a next one.
        || ' LIMIT $7'
        USING coalesce(from_time, '-infinity'), coalesce(until_time, 'infinity'), convert_to(wanted_key, 'UTF8'), wanted_status,
              cursor_time(cursor), split_part(cursor, '_', 2)::bigint, most + 1
    LOOP
        IF searched = most OR cardinality(ids) = wanted THEN
            next := microseconds(last_time) || '_' || last_id;
            RETURN;
        END IF;
        searched := searched + 1;
        IF (wanted_text IS NULL OR strpos(case_folded(letter.reason), wanted_text) > 0)
           AND (wanted_status IS NULL OR letter.status = wanted_status) THEN
            ids := ids || letter.id;
        END IF;
        last_id := letter.id;
        last_time := letter.refused_at;
    END LOOP;
END $$;
