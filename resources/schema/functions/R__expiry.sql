-- What each tenant keeps of each table. Readings before "cut_off" are refused when they come. Rows before "expired_before"
-- go: whole hours, an hour later than they are refused, so that no reading comes again after its row has gone and counts
-- twice; and none that is not in the statistics yet.
CREATE OR REPLACE FUNCTION expiry(raw interval, rollup interval)
RETURNS TABLE (tenant text, of_table text, kept interval, cut_off timestamptz, expired_before timestamptz, gone_before timestamptz)
LANGUAGE sql STABLE SET timezone = 'UTC' AS $$
    SELECT tenant, of_table, kept, cut_off,
           least(cut_off - interval '1 hour', (SELECT date_trunc('hour', min(first_at), 'UTC') FROM batch WHERE NOT rolled_up)),
           coalesce(gone.gone_before, '-infinity')
    FROM (
        SELECT tenant, coalesce(own.raw, expiry.raw) AS raw,
               greatest(coalesce(own.rollup, expiry.rollup), coalesce(own.raw, expiry.raw)) AS rollup
        FROM tenant FULL JOIN tenant_retention AS own USING (tenant)
    ) AS effective
    CROSS JOIN LATERAL (VALUES ('reading', effective.raw), ('rollup_hour', effective.rollup)) AS of_both (of_table, kept)
    CROSS JOIN LATERAL (SELECT date_trunc('hour', now() - kept, 'UTC') AS cut_off) AS cut_off
    LEFT JOIN tenant_expired AS gone USING (tenant, of_table)
$$;
