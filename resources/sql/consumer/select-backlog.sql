-- Selects the backlog in PostgreSQL: batches to be rolled up, unresolved dead letters, lost records that nobody has acknowledged; and how much of its limit of
-- sensors a tenant uses at most.
SELECT (SELECT count(*) FROM batch WHERE NOT rolled_up) AS rollup_backlog,
       (SELECT coalesce(sum(letters), 0) FROM dead_letter_count WHERE status = 'waiting') AS dead_letters_waiting,
       (SELECT coalesce(max(series::float8 / most_sensors), 0) FROM tenant JOIN progress USING (tenant)) AS sensors_used,
       lost.records AS records_lost, lost.description AS lost_description
FROM (SELECT coalesce(sum(most_records), 0) AS records,
             string_agg(format('%s/%s, offsets %s to %s, noticed at %s', topic, "partition", first_offset, last_offset, iso_8601(noticed_at)), '; ' ORDER BY id)
                 FILTER (WHERE place <= 3) || CASE WHEN count(*) > 3 THEN format('; and %s others', count(*) - 3) ELSE '' END AS description
      FROM (SELECT *, row_number() OVER (ORDER BY id) AS place FROM lost_records WHERE acknowledged_at IS NULL) AS unacknowledged) AS lost
