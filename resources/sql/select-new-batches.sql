-- Batches that were stored since the last look; in the first look only the newest one.
SELECT batch_id FROM batch WHERE batch_id > :?after::integer AND batch_id <> ALL (:?seen::integer[])
UNION ALL
SELECT max(batch_id) FROM batch WHERE :?after::integer IS NULL HAVING max(batch_id) IS NOT NULL
