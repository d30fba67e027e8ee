-- Numbers the series of a batch and their metrics, as far as the limits of their tenants allow.
SELECT "position", series_id, group_id, metrics, newest, exceeded, (SELECT series_generation()) AS generation
FROM number_series(:?series::jsonb, :?most_sensors::integer, :?most_metrics::integer)
