-- Alerts of a sensor that were firing in a span of time, and those of a location, are found without reading all others of the tenant.

CREATE INDEX alert_of_sensor_by_end ON alert (tenant, sensor_id, cleared_at);
CREATE INDEX alert_of_location ON alert (tenant, location, fired_at, alert_id);
