-- Selects batches stored since the last query; the first query selects all recent ones, so that batches committed later count as new.
SELECT batch_id FROM batch WHERE batch_id > :?after::bigint AND batch_id <> ALL (:?seen::bigint[])
UNION ALL
SELECT batch_id FROM batch WHERE :?after::bigint IS NULL AND batch_id > (SELECT max(batch_id) FROM batch) - :?back::integer
