-- Selects the backlog in PostgreSQL: batches to be rolled up, and unresolved dead letters; and how much of its limit of sensors a tenant uses at most.
SELECT (SELECT count(*) FROM batch WHERE NOT rolled_up) AS rollup_backlog,
       (SELECT coalesce(sum(letters), 0) FROM dead_letter_count WHERE status = 'waiting') AS dead_letters_waiting,
       (SELECT coalesce(max(series::float8 / most_sensors), 0) FROM tenant JOIN progress USING (tenant)) AS sensors_used
