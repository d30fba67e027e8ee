-- Records what a batch of new readings adds to the totals of its groups.
INSERT INTO pending_total (tenant, totals)
SELECT tenant, array_agg(one) FROM unnest(totals_of(?::text[], ?::float8[])) AS one JOIN series_group USING (group_id) GROUP BY tenant
