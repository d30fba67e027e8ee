-- Deletes some expired rows of one tenant from one partition, and adds their number to those deleted there so far.
SELECT tenant, name AS partition, :?so_far::bigint + deleted AS rows, is_done
FROM delete_expired_rows(:?raw::interval, :?rollup::interval, :?partition_width::interval, :?most::integer)
