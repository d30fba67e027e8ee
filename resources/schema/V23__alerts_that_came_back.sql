-- When an alert came back, after its condition was over: a list tells it without the history of each alert.

ALTER TABLE alert ADD COLUMN came_back_at timestamptz;
COMMENT ON COLUMN alert.came_back_at IS 'When it came back last, after its condition was over; null if it did not';
UPDATE alert SET came_back_at = back.at
FROM (SELECT alert_id, max(at) AS at FROM alert_event WHERE kind IN ('reopened', 'resumed') GROUP BY alert_id) AS back
WHERE back.alert_id = alert.alert_id;
