-- Batches that were stored since the last look; in the first look all of late, so that one that is still being stored is new later on.
SELECT batch_id FROM batch WHERE batch_id > :?after::integer AND batch_id <> ALL (:?seen::integer[])
UNION ALL
SELECT batch_id FROM batch WHERE :?after::integer IS NULL AND batch_id > (SELECT max(batch_id) FROM batch) - :?back::integer
