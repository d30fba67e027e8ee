-- What waits in PostgreSQL: batches for their statistics, dead letters for somebody.
SELECT (SELECT count(*) FROM batch WHERE NOT rolled_up) AS rollup_backlog,
       (SELECT count(*) FROM dead_letter WHERE status = 'waiting') AS dead_letters_waiting
