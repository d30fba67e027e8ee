-- Loads each tenant's retention cutoff in microseconds since 1970, so that expired readings are rejected; null: never.
SELECT tenant, kept_for(kept) AS kept,
       CASE WHEN isfinite(cut_off) THEN (extract(epoch FROM cut_off) * 1000000)::bigint END AS cut_off
FROM expiry(:?raw::interval, :?rollup::interval) JOIN tenant_retention USING (tenant)
WHERE of_table = 'reading'
