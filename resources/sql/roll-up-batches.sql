-- Rolls up the oldest batches that are not rolled up yet; few enough that a failure has little to repeat.
SELECT roll_up_batches(:?most::integer) AS batches
