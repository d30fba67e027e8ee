-- Totals of a tenant's groups of series in the last part of an hour, from a time to its end, in the shape of rollup_total; also of those that still wait in pending_total. They are sums of minutes
-- and of the readings of less than a minute, if the minutes have all readings of the hour and are fewer than these; otherwise of the readings.
CREATE OR REPLACE FUNCTION totals_of_part(from_time timestamptz, until_time timestamptz)
RETURNS TABLE (group_id integer, metric text, readings bigint, events bigint, first_at timestamptz, last_at timestamptz, scaled_total float8, lowest float8, highest float8)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    this_hour timestamptz := until_time - interval '1 hour';
    of_all integer := (SELECT group_id FROM series_group WHERE kind = 'all');
    minutes_from timestamptz := until_time;
    total record;
BEGIN
    SELECT sum(readings) AS readings, count(*) AS metrics INTO total FROM rollup_total WHERE group_id = of_all AND hour = this_hour;
    IF total.readings > 60 * total.metrics * (SELECT count(*) FROM series_group)
       AND total.readings = (SELECT sum(readings) FROM rollup_total_minute WHERE group_id = of_all AND minute >= this_hour AND minute < totals_of_part.until_time)
       AND NOT EXISTS (SELECT FROM pending_total CROSS JOIN unnest(totals) WHERE hour = this_hour AND minute_of(first_at) <> minute_of(last_at)) THEN
        minutes_from := minute_of(from_time + interval '1 minute' - interval '1 microsecond');
    END IF;
    RETURN QUERY
    SELECT group_id, metric, readings, events, first_at, last_at, scaled_total, lowest, highest FROM totals_of_span(from_time, minutes_from)
    UNION ALL
    SELECT group_id, metric, readings, events, first_at, last_at, scaled_total, lowest, highest FROM pending_total CROSS JOIN unnest(totals)
    WHERE first_at >= minutes_from AND first_at < totals_of_part.until_time
    UNION ALL
    SELECT series_group.group_id, one.* FROM series_group CROSS JOIN LATERAL (
        SELECT metric, sum(readings)::bigint, sum(events)::bigint, min(first_at), max(last_at), sum(scaled_total), min(lowest), max(highest)
        FROM rollup_total_minute WHERE rollup_total_minute.group_id = series_group.group_id AND minute >= minutes_from AND minute < totals_of_part.until_time
        GROUP BY metric
    ) AS one
    WHERE kind <> 'all';
END $$;
