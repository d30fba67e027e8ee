-- Deletes some totals by minute that are no longer kept: of whole hours.
SELECT delete_minutes(NULL, date_trunc('hour', now() - minutes_kept(), 'UTC'), :?most::integer) AS deleted
