-- Previews what a round of expiry starting now would delete, without deleting anything.
WITH kept AS (
    SELECT * FROM expiry(:?raw::interval, :?rollup::interval)
), whole AS (
    SELECT * FROM expired_partitions(:?raw::interval, :?rollup::interval)
), partly AS (
    SELECT * FROM expired_rows(:?raw::interval, :?rollup::interval, :?partition_width::interval) WHERE name NOT IN (SELECT name FROM whole)
), counted AS (
    -- Readings are counted by their rollups, which are kept at least as long.
    SELECT partly.tenant, partly.name, partly.from_time, partly.until_time,
           sum(CASE partly.of_table WHEN 'rollup_hour' THEN 1 WHEN 'reading' THEN events END) AS rows
    FROM partly JOIN series USING (tenant) JOIN rollup_hour USING (series_id)
    WHERE hour >= partly.from_time AND hour < partly.until_time
    GROUP BY partly.tenant, partly.name, partly.from_time, partly.until_time
)
SELECT '{"status":"success","data":' || row_to_json(state) || '}' AS answer
FROM (SELECT
    (SELECT row_to_json(shown) FROM (SELECT kept_for(:?raw::interval) AS readings_kept, kept_for(greatest(:?raw::interval, :?rollup::interval)) AS statistics_kept) AS shown) AS overall,
    :?next_round::text AS next_round,
    array_to_json(ARRAY(SELECT row_to_json(shown) FROM (
        SELECT tenant, kept_for(raw.kept) AS readings_kept, iso_8601(nullif(raw.cut_off, '-infinity')) AS readings_refused_before, kept_for(rollup.kept) AS statistics_kept
        FROM kept AS raw JOIN kept AS rollup USING (tenant) WHERE raw.of_table = 'reading' AND rollup.of_table = 'rollup_hour') AS shown ORDER BY tenant)) AS tenants,
    array_to_json(ARRAY(SELECT row_to_json(shown) FROM (
        SELECT name AS "partition", iso_8601(from_time) AS "from", iso_8601(until_time) AS "until",
               (SELECT greatest(reltuples, pg_stat_get_live_tuples(oid))::bigint FROM pg_class WHERE oid = to_regclass(name)) AS estimated_rows
        FROM whole ORDER BY from_time, name) AS shown)) AS partitions_to_drop,
    array_to_json(ARRAY(SELECT row_to_json(shown) FROM (
        SELECT tenant, name AS "partition", iso_8601(until_time) AS "until", rows AS estimated_rows
        FROM counted ORDER BY from_time, name, tenant) AS shown)) AS rows_to_delete,
    array_to_json(ARRAY(SELECT name FROM time_partition WHERE leaving ORDER BY from_time, name)) AS partitions_being_dropped
) AS state
