-- Adds up a tenant's readings of a span within an hour, for each group of series that has its own totals and "others", in the shape of rollup_total. In nearly all of them the readings have the
-- same few metrics: picking each by its position is several times cheaper than unnest, which adds up the others. See part_of_readings() for the reason why it is a
-- function, and for its rights.
CREATE OR REPLACE FUNCTION totals_of_span(from_time timestamptz, until_time timestamptz) RETURNS SETOF hour_total
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET plan_cache_mode = force_custom_plan SET enable_seqscan = off SET enable_sort = off SET work_mem = '64MB' SET jit = off AS $$
DECLARE
    of_tenant text := current_setting('pipeline.tenant', true);
    this_hour timestamptz := date_bin('1 hour', from_time, timestamptz '2000-01-01 00:00:00+00');
BEGIN
    RETURN QUERY
    WITH found AS NOT MATERIALIZED (
        SELECT one.group_id, one.metrics, reading.at, reading.received_at, reading."values"
        FROM reading JOIN (SELECT series_id, group_id, metrics FROM series WHERE tenant = of_tenant) AS one USING (series_id)
        WHERE reading.at >= totals_of_span.from_time AND reading.at < totals_of_span.until_time
    ), narrow AS MATERIALIZED (
        SELECT group_id, metrics, count(*) AS readings, min(at) AS first_at, max(at) AS last_at, max(received_at) AS last_received_at,
               count(value_1) AS readings_1, sum(scaled(value_1)) AS total_1, min(value_1) AS lowest_1, max(value_1) AS highest_1,
               count(value_2) AS readings_2, sum(scaled(value_2)) AS total_2, min(value_2) AS lowest_2, max(value_2) AS highest_2,
               count(value_3) AS readings_3, sum(scaled(value_3)) AS total_3, min(value_3) AS lowest_3, max(value_3) AS highest_3,
               count(value_4) AS readings_4, sum(scaled(value_4)) AS total_4, min(value_4) AS lowest_4, max(value_4) AS highest_4,
               max(width) > 4 AS is_wide
        FROM (
            -- OFFSET 0 keeps the planner from looking up each value three times.
            SELECT group_id, metrics, at, received_at, cardinality("values") AS width,
                   "values"[1] AS value_1, "values"[2] AS value_2, "values"[3] AS value_3, "values"[4] AS value_4
            FROM found OFFSET 0
        ) AS picked
        GROUP BY group_id, metrics
    ), mixed AS MATERIALIZED (
        SELECT group_id, metrics FROM narrow
        WHERE is_wide OR readings_1 NOT IN (0, readings) OR readings_2 NOT IN (0, readings) OR readings_3 NOT IN (0, readings) OR readings_4 NOT IN (0, readings)
    )
    SELECT narrow.group_id, this_hour, narrow.metrics[metric."position"], narrow.readings,
           CASE metric."position" WHEN CASE narrow.readings WHEN readings_1 THEN 1 WHEN readings_2 THEN 2 WHEN readings_3 THEN 3 ELSE 4 END THEN narrow.readings ELSE 0 END,
           narrow.first_at, narrow.last_at, metric.scaled_total, metric.lowest, metric.highest, narrow.last_received_at
    FROM narrow
    CROSS JOIN LATERAL (VALUES (1, readings_1, total_1, lowest_1, highest_1), (2, readings_2, total_2, lowest_2, highest_2),
                               (3, readings_3, total_3, lowest_3, highest_3), (4, readings_4, total_4, lowest_4, highest_4)
    ) AS metric ("position", readings, scaled_total, lowest, highest)
    WHERE metric.readings > 0 AND ((narrow.group_id, narrow.metrics) IN (SELECT mixed.group_id, mixed.metrics FROM mixed)) IS NOT TRUE
    UNION ALL
    SELECT found.group_id, this_hour, found.metrics[metric."position"], count(*), count(*) FILTER (WHERE metric."position" = first_position(found."values")), min(found.at), max(found.at),
           sum(scaled(metric.value)), min(metric.value), max(metric.value), max(found.received_at)
    FROM found CROSS JOIN LATERAL unnest(found."values") WITH ORDINALITY AS metric (value, "position")
    -- The first condition spares a second look at the readings where there is nothing to add up.
    WHERE EXISTS (SELECT FROM mixed) AND ((found.group_id, found.metrics) IN (SELECT mixed.group_id, mixed.metrics FROM mixed)) IS TRUE AND metric.value IS NOT NULL
    GROUP BY found.group_id, found.metrics, metric."position";
END $$;
