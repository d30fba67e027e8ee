-- Deletes some expired dead letters, and adds their number to those deleted so far.
SELECT deleted, :?so_far::bigint + deleted AS rows FROM delete_expired_dead_letters(:?dead_letters::interval, :?most::integer) AS deleted
