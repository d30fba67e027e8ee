-- Numbers new tenants and series; those that are known, or being numbered by another consumer, stay unchanged.
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
