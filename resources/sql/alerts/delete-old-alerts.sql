-- Deletes some of what is kept of alerts for long enough, and adds its number to what was deleted so far; one program at a time.
SELECT deleted, :?so_far::bigint + deleted AS rows
FROM (SELECT CASE WHEN pg_try_advisory_xact_lock(hashtext('delete_old_alerts'))
             THEN delete_old_messages(:?most::integer) + delete_old_alerts(:?kept::interval, :?most::integer) + delete_old_alert_changes(:?kept::interval, :?most::integer) ELSE 0 END AS deleted
      OFFSET 0) AS step
