-- The readings of each series in each month, for each of its metrics, in one or more rows that are to be added up: also those that are not in rollup_month yet.
CREATE OR REPLACE VIEW monthly_rollups WITH (security_invoker = true) AS
SELECT month, series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at
FROM rollup_month
UNION ALL
SELECT date_trunc('month', hour, 'UTC'), series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at
FROM rollup_hour
WHERE hour >= (SELECT hour FROM rollup_watermark) AND (hour, series_id) > (SELECT hour, series_id FROM rollup_watermark);

GRANT SELECT ON monthly_rollups TO sensor_pipeline_reader;
