-- Moves what stored batches add to the totals of an hour to rollup_total, and keeps others from moving more until the end of the transaction. Fails where that has to
-- wait for a month that is being dropped.
CREATE OR REPLACE FUNCTION move_pending_totals(of_hour timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('add_pending_totals'));
    PERFORM add_pending_totals();
    IF EXISTS (SELECT FROM pending_total
               WHERE EXISTS (SELECT FROM unnest(totals) WHERE hour = of_hour)
                 AND EXISTS (SELECT FROM unnest(totals) JOIN rollup_partition ON leaving AND hour >= from_time AND hour < until_time)) THEN
        RAISE EXCEPTION 'Totals of this hour wait for a month that is being dropped; try again in a minute' USING ERRCODE = 'lock_not_available';
    END IF;
END $$;
