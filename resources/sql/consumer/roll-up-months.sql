-- Adds rollups of hours to those of their months, once they are over and few readings of them are still to come; some at a time, because nobody adds others meanwhile.
SELECT roll_up_months(:?most::integer, date_trunc('hour', now() - interval '10 minutes', 'UTC')) AS rows
