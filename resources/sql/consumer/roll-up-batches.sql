-- Rolls up the oldest batches that are neither rolled up nor in progress; few at a time, so that a failure repeats little work.
SELECT roll_up_batches(:?most::integer, 30 * (:?interval::integer * interval '1 millisecond')) AS batches
