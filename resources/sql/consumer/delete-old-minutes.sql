-- Deletes the totals by minute that are no longer kept, hour by hour.
SELECT delete_minutes(NULL, date_trunc('hour', now() - minutes_kept(), 'UTC')) AS deleted
