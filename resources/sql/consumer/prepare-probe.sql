-- Prepares for storing a good reading at a time: its tenant, its series and its partition.
WITH given AS (
    SELECT tenant, series_id, at, width FROM (SELECT ?::text, ?::integer, ?::bigint, ?::text::interval) AS given (tenant, series_id, at, width)
), new_tenant AS (
    INSERT INTO tenant (tenant) SELECT tenant FROM given ON CONFLICT DO NOTHING
), new_series AS (
    INSERT INTO series (series_id, tenant, sensor_id, metrics) OVERRIDING SYSTEM VALUE SELECT series_id, tenant, tenant, ARRAY[tenant] FROM given
)
SELECT make_reading_partitions(ARRAY[to_timestamp(at / 1e6::float8)], width) FROM given
