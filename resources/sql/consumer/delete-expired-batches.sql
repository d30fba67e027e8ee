-- Deletes a small batch of rows from the ledger that nothing needs any more, and adds it to those deleted so far.
SELECT deleted, :?so_far::bigint + deleted AS rows
FROM delete_expired_batches(:?raw::interval, :?rollup::interval, :?most::integer) AS deleted
