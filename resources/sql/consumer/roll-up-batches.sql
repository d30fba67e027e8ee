-- Rolls up the oldest batches that nobody has rolled up or is about to; few enough that a failure has little to repeat.
SELECT roll_up_batches(:?most::integer, 10 * (:?interval::integer * interval '1 millisecond')) AS batches
