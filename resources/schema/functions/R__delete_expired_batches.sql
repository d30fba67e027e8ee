-- Deletes at most so many of the oldest rows of the ledger: those of batches that are in the statistics and that were stored
-- longer ago than any tenant keeps readings. Answers how many.
CREATE OR REPLACE FUNCTION delete_expired_batches(raw interval, rollup interval, most integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    expired timestamptz;
    deleted integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('expire')) THEN
        RETURN 0;
    END IF;
    SELECT min(expired_before) INTO expired FROM tenant JOIN expiry(raw, rollup) USING (tenant) WHERE of_table = 'reading';
    -- From the oldest up to the first that stays: the index need not be searched for others behind it.
    DELETE FROM batch WHERE batch_id IN (
        SELECT batch_id FROM batch
        WHERE batch_id < coalesce((SELECT batch_id FROM batch WHERE NOT rolled_up OR stored_at >= expired OR last_at >= expired
                                   ORDER BY batch_id LIMIT 1), 9223372036854775807)
          AND expired IS NOT NULL
        ORDER BY batch_id LIMIT most);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END $$;
