-- A row a metric of a reading.
CREATE OR REPLACE VIEW measurements WITH (security_invoker = true) AS
SELECT r.tenant, r.sensor_id, r.location, r.at, m.metric, m.value, r.series_id
FROM readings r CROSS JOIN LATERAL unnest(r.metrics, r."values") AS m (metric, value);

GRANT SELECT ON measurements TO sensor_pipeline_reader;
