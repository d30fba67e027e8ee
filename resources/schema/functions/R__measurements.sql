-- A row a metric of a reading.
CREATE OR REPLACE VIEW measurements WITH (security_invoker = true) AS
SELECT s.tenant, s.sensor_id, s.location, r.at, m.metric, m.value, r.series_id
FROM reading r JOIN series s USING (series_id) CROSS JOIN LATERAL unnest(s.metrics, r."values") AS m (metric, value)
WHERE m.value IS NOT NULL;

GRANT SELECT ON measurements TO sensor_pipeline_reader;
