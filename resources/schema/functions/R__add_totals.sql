-- Records what readings that are stored in the same transaction add to the totals of their groups: a row for each tenant.
CREATE OR REPLACE FUNCTION add_totals(added hour_total[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO pending_total (tenant, last_hour, totals)
    SELECT tenant, max(hour), array_agg(one) FROM unnest(added) AS one JOIN series_group USING (group_id) GROUP BY tenant
$$;
