-- Deletes some ledger rows that are no longer needed, and adds their number to those deleted so far.
SELECT deleted, :?so_far::bigint + deleted AS rows
FROM delete_expired_batches(:?raw::interval, :?rollup::interval, :?most::integer) AS deleted
