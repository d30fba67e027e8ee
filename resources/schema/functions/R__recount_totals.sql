-- Computes the totals of some groups in an hour anew, from the statistics of their series and the readings that are not in these yet, without what pending_total has;
-- the hour is then no longer known by minute. The caller has called move_pending_totals(), so that nothing in it has been deleted.
CREATE OR REPLACE FUNCTION recount_totals(of_groups integer[], of_hour timestamptz) RETURNS void
LANGUAGE plpgsql SET timezone = 'UTC' SET jit = off AS $$
DECLARE
    of_month timestamptz := date_trunc('month', of_hour, 'UTC');
    groups integer[];
BEGIN
    PERFORM FROM rollup_partition WHERE NOT leaving AND of_hour >= from_time AND of_hour < until_time FOR SHARE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    groups := of_groups || ARRAY(SELECT of_all.group_id FROM series_group AS of_all
                                 WHERE of_all.kind = 'all' AND of_all.tenant IN (SELECT tenant FROM series_group WHERE group_id = ANY (of_groups)));
    DELETE FROM rollup_total WHERE group_id = ANY (groups) AND hour = of_hour;
    DELETE FROM rollup_total_minute WHERE group_id = ANY (groups) AND minute >= of_hour AND minute < of_hour + interval '1 hour';
    WITH counted AS (
        SELECT series.group_id, series.metrics[one."position"] AS metric, sum(one.readings) AS readings, sum(one.events) AS events, min(one.first_at) AS first_at,
               max(one.last_at) AS last_at, sum(one.scaled_total) AS scaled_total, min(one.lowest) AS lowest, max(one.highest) AS highest,
               max(one.last_received_at) AS last_received_at
        FROM (
            SELECT series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at FROM rollup_hour WHERE hour = of_hour
            UNION ALL
            SELECT series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at
            FROM pending_hours(of_hour, of_hour + interval '1 hour', NULL)
        ) AS one JOIN series USING (series_id)
        WHERE series.group_id = ANY (of_groups)
        GROUP BY 1, 2
        UNION ALL
        SELECT group_id, metric, -readings, -events, NULL, NULL, -scaled_total, NULL, NULL, NULL
        FROM pending_total CROSS JOIN unnest(totals) WHERE hour = of_hour AND group_id = ANY (of_groups)
    )
    INSERT INTO rollup_total (group_id, hour, metric, readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    SELECT group_id, of_hour, metric, sum(readings), sum(events), min(first_at), max(last_at), sum(scaled_total), min(lowest), max(highest), max(last_received_at)
    FROM counted GROUP BY group_id, metric HAVING sum(readings) > 0;
    -- Those of all series of a tenant are the sums of the others.
    INSERT INTO rollup_total (group_id, hour, metric, readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    SELECT of_all.group_id, of_hour, metric, sum(readings), sum(events), min(first_at), max(last_at), sum(scaled_total), min(lowest), max(highest), max(last_received_at)
    FROM series_group AS of_all JOIN series_group AS part ON part.tenant = of_all.tenant AND part.kind <> 'all'
    JOIN rollup_total ON rollup_total.group_id = part.group_id AND hour = of_hour
    WHERE of_all.kind = 'all' AND of_all.group_id = ANY (groups)
    GROUP BY of_all.group_id, metric;

    DELETE FROM rollup_total_month WHERE group_id = ANY (groups) AND month = of_month;
    INSERT INTO rollup_total_month (group_id, month, metric, readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    SELECT group_id, of_month, metric, sum(readings), sum(events), min(first_at), max(last_at), sum(scaled_total), min(lowest), max(highest), max(last_received_at)
    FROM rollup_total WHERE group_id = ANY (groups) AND hour >= of_month AND hour < of_month + interval '1 month'
    GROUP BY group_id, metric;
END $$;
