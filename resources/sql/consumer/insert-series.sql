-- Numbers the tenants and series that are new; those that are known, or that another consumer numbers now, stay as they are.
WITH given AS (
    SELECT DISTINCT tenant, sensor_id, location, metrics
    FROM jsonb_to_recordset(:?series::jsonb) AS (tenant text, sensor_id text, location text, metrics text[])
), new_tenant AS (
    INSERT INTO tenant (tenant) SELECT DISTINCT tenant FROM given
    ON CONFLICT DO NOTHING
)
INSERT INTO series (tenant, sensor_id, location, metrics)
SELECT tenant, sensor_id, location, metrics FROM given
ORDER BY tenant, sensor_id, location, metrics
ON CONFLICT DO NOTHING
