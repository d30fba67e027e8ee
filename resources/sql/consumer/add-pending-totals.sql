-- Adds the totals of stored batches to those of their hours.
SELECT add_pending_totals() AS moved
