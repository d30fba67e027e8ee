-- Stores a consumer's view of its progress; the last writer wins, because all consumers see the same.
INSERT INTO progress (tenant, lag, readings_kept, statistics_kept, most_sensors, most_metrics, seen_at)
SELECT tenant, lag, coalesce(own.raw, :?raw::interval), greatest(coalesce(own.raw, :?raw::interval), coalesce(own.rollup, :?rollup::interval)),
       limits.sensors, limits.metrics, now()
FROM unnest(:?tenants::text[], :?lags::bigint[]) AS seen (tenant, lag)
LEFT JOIN tenant_retention AS own USING (tenant)
CROSS JOIN LATERAL limits_of(tenant, :?most_sensors::integer, :?most_metrics::integer) AS limits
ORDER BY tenant
ON CONFLICT (tenant) DO UPDATE SET
    lag = excluded.lag, readings_kept = excluded.readings_kept, statistics_kept = excluded.statistics_kept,
    most_sensors = excluded.most_sensors, most_metrics = excluded.most_metrics, seen_at = excluded.seen_at
