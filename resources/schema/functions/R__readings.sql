-- A row a reading, with names; a value is null, or missing at the end, where the reading does not have the metric.
CREATE OR REPLACE VIEW readings WITH (security_invoker = true) AS
SELECT s.tenant, s.sensor_id, s.location, r.at, r.received_at, s.metrics, r."values", r.attributes, r.series_id, r.batch_id
FROM reading r JOIN series s USING (series_id);

GRANT SELECT ON readings TO sensor_pipeline_reader;
