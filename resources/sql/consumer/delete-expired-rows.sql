-- Deletes a small batch of one tenant's expired rows from one partition, and adds it to those deleted there so far.
SELECT tenant, name AS partition, :?so_far::bigint + deleted AS rows, is_done
FROM delete_expired_rows(:?raw::interval, :?rollup::interval, :?partition_width::interval, :?most::integer)
