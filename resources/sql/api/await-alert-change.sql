-- Waits until a change applies to readings that are evaluated from now on, but not for long.
SELECT await_alert_change(:?change::bigint, 2000) AS applies
