-- Selects the backlog in PostgreSQL: batches to be rolled up, and unresolved dead letters.
SELECT (SELECT count(*) FROM batch WHERE NOT rolled_up) AS rollup_backlog,
       (SELECT count(*) FROM dead_letter WHERE status = 'waiting') AS dead_letters_waiting
