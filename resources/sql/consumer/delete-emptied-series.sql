-- Deletes some series that have neither readings nor statistics left.
SELECT delete_emptied_series(:?most::integer) AS deleted
