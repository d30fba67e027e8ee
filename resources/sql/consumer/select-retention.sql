-- What would go in a round of expiring that began now, without letting go of anything.
WITH kept AS (
    SELECT * FROM expiry(:?raw::interval, :?rollup::interval)
), whole AS (
    SELECT * FROM expired_partitions(:?raw::interval, :?rollup::interval)
), partly AS (
    SELECT * FROM expired_rows(:?raw::interval, :?rollup::interval, :?partition_width::interval) WHERE name NOT IN (SELECT name FROM whole)
), counted AS (
    -- Readings are counted by their rollups, which are kept at least as long.
    SELECT partly.tenant, partly.name, partly.from_time, partly.until_time,
           sum(CASE partly.of_table WHEN 'rollup_hour' THEN 1 WHEN 'reading' THEN CASE position WHEN 1 THEN readings END END) AS rows
    FROM partly JOIN series USING (tenant) JOIN rollup_hour USING (series_id)
    WHERE hour >= partly.from_time AND hour < partly.until_time
    GROUP BY partly.tenant, partly.name, partly.from_time, partly.until_time
)
SELECT json_build_object('status', 'success', 'data', json_build_object(
    'overall', json_build_object('readings_kept', kept_for(:?raw::interval), 'statistics_kept', kept_for(greatest(:?raw::interval, :?rollup::interval))),
    'next_round', :?next_round::text,
    'tenants', (SELECT coalesce(json_agg(json_build_object('tenant', tenant,
                        'readings_kept', kept_for(raw.kept), 'readings_refused_before', iso_8601(nullif(raw.cut_off, '-infinity')),
                        'statistics_kept', kept_for(rollup.kept)) ORDER BY tenant), '[]')
                FROM kept AS raw JOIN kept AS rollup USING (tenant) WHERE raw.of_table = 'reading' AND rollup.of_table = 'rollup_hour'),
    'partitions_to_drop', (SELECT coalesce(json_agg(json_build_object('partition', name, 'from', iso_8601(from_time), 'until', iso_8601(until_time),
                        'estimated_rows', (SELECT greatest(reltuples, pg_stat_get_live_tuples(oid))::bigint FROM pg_class WHERE oid = to_regclass(name)))
                        ORDER BY from_time, name), '[]') FROM whole),
    'rows_to_delete', (SELECT coalesce(json_agg(json_build_object('tenant', tenant, 'partition', name, 'until', iso_8601(until_time),
                        'estimated_rows', rows) ORDER BY from_time, name, tenant), '[]') FROM counted),
    'partitions_being_dropped', (SELECT coalesce(json_agg(name ORDER BY from_time, name), '[]') FROM time_partition WHERE leaving)
    ))::text AS answer
