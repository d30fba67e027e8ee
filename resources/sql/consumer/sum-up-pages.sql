-- Summarizes the pages of lately stored readings in the index reading_batch. Without new ones, nothing is locked.
SELECT sum_up_pages(min(first_at), max(last_at))
FROM (SELECT first_at, last_at, stored_at FROM batch ORDER BY batch_id DESC LIMIT 100) AS newest
WHERE stored_at > now() - interval '10 seconds'
