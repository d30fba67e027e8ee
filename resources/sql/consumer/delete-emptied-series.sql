-- Deletes some series that have neither readings nor statistics left, and adds their number to those deleted so far.
SELECT deleted, :?so_far::bigint + deleted AS rows FROM delete_emptied_series(:?most::integer) AS deleted
