-- Readings of some sensors and locations, and with some metric (null: of all) from one time on and before another, in the order
-- of their times and series. Hours and their slices, of about so many readings, are looked at only as far as rows are asked for, and in
-- a slice only series that have readings there: what it costs depends on the rows that are read, not on those that are
-- stored. Of a few series, each is looked up in the key instead, a partition at a time. The caller reads at most so many rows (null: all).
-- Not to be run in parallel, which would lose the order.
CREATE OR REPLACE FUNCTION readings_in_order(sensors text[], locations text[], metric text, from_time timestamptz, until_time timestamptz, newest_first boolean, most integer)
RETURNS TABLE (series_id integer, sensor_id text, location text, metrics text[], at timestamptz, received_at timestamptz, "values" float8[], attributes jsonb)
LANGUAGE sql STABLE PARALLEL UNSAFE AS $$
    WITH chosen AS NOT MATERIALIZED (
        SELECT series_id, array_position(metrics, metric) AS "position" FROM chosen_series(sensors, locations, metric)
    ), number AS MATERIALIZED (
        -- So few that to look at each costs less than to find out which have readings.
        SELECT sensors IS NOT NULL AND most IS NOT NULL AND count(*) <= 20 AND most * count(*) <= 20000 AS is_few
        FROM (SELECT FROM chosen WHERE sensors IS NOT NULL LIMIT 21) AS counted
    ), few AS MATERIALIZED (
        SELECT series_id FROM chosen_series(sensors, locations, metric) WHERE (SELECT is_few FROM number)
    ), unrolled AS MATERIALIZED (
        -- What is not in the statistics yet. Where that is very much, to look for it in each series is cheaper than to read it.
        SELECT batch_id, first_at, last_at, readings,
               last_at - first_at < interval '2 hours'
               AND (SELECT sum(readings) FROM batch WHERE NOT rolled_up) > 20 * (SELECT count(*) FROM chosen) AS is_looked_for
        FROM batch WHERE NOT rolled_up
    ), sent_hours AS NOT MATERIALIZED (
        SELECT hour
        FROM (SELECT hour FROM rollup_total WHERE group_id = (SELECT group_id FROM series_group WHERE kind = 'all')
              UNION ALL
              SELECT one.hour FROM pending_total CROSS JOIN unnest(totals) AS one) AS known
        WHERE NOT (SELECT is_few FROM number) AND hour > readings_in_order.from_time - interval '1 hour' AND hour < readings_in_order.until_time
          -- Statistics may be kept for longer than readings.
          AND hour >= (SELECT min(listed.from_time) FROM reading_partition AS listed)
    )
    SELECT found.* FROM few_readings(ARRAY(SELECT series_id FROM few), metric, from_time, until_time, newest_first, most) AS found
    WHERE EXISTS (SELECT FROM few)
    UNION ALL
    SELECT found.series_id, found.sensor_id, found.location, found.metrics, found.at, found.received_at, found."values", found.attributes
    FROM (
        -- In the order of the index, as far as they are asked for.
        (SELECT DISTINCT hour FROM sent_hours WHERE newest_first ORDER BY hour DESC)
        UNION ALL
        (SELECT DISTINCT hour FROM sent_hours WHERE NOT newest_first ORDER BY hour)
    ) AS hours
    CROSS JOIN LATERAL (
        SELECT array_agg(series_id) AS series_ids, array_agg(first_at) AS first_times, array_agg(last_at) AS last_times,
               min(first_at) AS first_at, max(last_at) + interval '1 microsecond' AS end_at, sum(readings)::bigint AS readings
        FROM (
            SELECT series_id, first_at, last_at, events AS readings FROM rollup_hour
            WHERE rollup_hour.hour = hours.hour AND events > 0 AND sensors IS NULL AND locations IS NULL AND metric IS NULL
            UNION ALL
            SELECT series_id, first_at, last_at, CASE WHEN metric IS NULL THEN events ELSE readings END FROM chosen JOIN rollup_hour USING (series_id)
            WHERE rollup_hour.hour = hours.hour AND CASE WHEN metric IS NULL THEN events > 0 ELSE rollup_hour."position" = chosen."position" END
              AND NOT (sensors IS NULL AND locations IS NULL AND metric IS NULL)
            UNION ALL
            SELECT waiting.* FROM pending_in_span(ARRAY(SELECT batch_id FROM unrolled WHERE NOT is_looked_for), greatest(hours.hour, from_time), least(hours.hour + interval '1 hour', until_time),
                CASE WHEN NOT (sensors IS NULL AND locations IS NULL AND metric IS NULL) THEN ARRAY(SELECT series_id FROM chosen) END) AS waiting
            WHERE EXISTS (SELECT FROM unrolled WHERE NOT is_looked_for AND first_at < hours.hour + interval '1 hour' AND last_at >= hours.hour)
            UNION ALL
            SELECT series_id, greatest(looked_for.first_at, hours.hour), least(looked_for.last_at, hours.hour + interval '1 hour' - interval '1 microsecond'),
                   looked_for.readings / count(*) OVER ()
            FROM (
                SELECT min(first_at) AS first_at, max(last_at) AS last_at, sum(readings)::bigint AS readings FROM unrolled
                WHERE is_looked_for AND first_at < hours.hour + interval '1 hour' AND last_at >= hours.hour
            ) AS looked_for
            -- OFFSET 0 keeps the planner from looking at all series before it knows whether there is anything to look for.
            CROSS JOIN LATERAL (SELECT series_id FROM chosen WHERE looked_for.readings > 0 OFFSET 0) AS chosen
        ) AS active
    ) AS active
    -- OFFSET 0 keeps the planner from reckoning with hours that have nothing in the asked time.
    CROSS JOIN LATERAL (SELECT greatest(from_time, active.first_at) AS first_at, least(until_time, active.end_at) AS end_at
                        WHERE greatest(from_time, active.first_at) < least(until_time, active.end_at) AND active.end_at IS NOT NULL OFFSET 0) AS asked
    -- As many slices as the asked part of the hour has, if its readings are spread evenly.
    CROSS JOIN LATERAL (SELECT greatest(1, (readings * greatest(0, date_part('epoch', asked.end_at - asked.first_at))
                                            / date_part('epoch', active.end_at - active.first_at) / least(2 * most, 20000))::bigint) AS slices) AS needed
    CROSS JOIN LATERAL (SELECT (asked.end_at - asked.first_at) / slices AS width) AS sliced
    -- So many newest readings come from as many series at most: those with the newest last times. From the oldest of these times on there
    -- is a slice of its own, for which no other series is looked at, unless that is longer than a slice is anyway.
    CROSS JOIN LATERAL (SELECT coalesce((
            SELECT last_at FROM unnest(CASE WHEN newest_first THEN last_times END) AS last_at
            WHERE last_at < asked.end_at AND last_at > asked.end_at - width
            ORDER BY last_at DESC OFFSET greatest(0, least(most, 10000) - 1) LIMIT 1), asked.end_at) AS newest_from) AS newest
    CROSS JOIN LATERAL (
        SELECT newest_from AS first_at, asked.end_at WHERE newest_from < asked.end_at
        UNION ALL
        -- Numbered one by one, as far as they are asked for: a busy hour has many. The width is rounded: none may begin or end after the asked time, and the last one ends with it.
        SELECT least(newest_from, asked.first_at + width * CASE WHEN newest_first THEN slices - slice ELSE slice - 1 END) AS first_at,
               CASE slice WHEN CASE WHEN newest_first THEN 1 ELSE slices END THEN newest_from
                    ELSE least(newest_from, asked.first_at + width * CASE WHEN newest_first THEN slices - slice + 1 ELSE slice END) END AS end_at
        FROM (SELECT generate_series(1, slices) AS slice) AS numbered
    ) AS slice
    CROSS JOIN LATERAL part_of_readings(ARRAY(SELECT s.series_id FROM unnest(series_ids, first_times, last_times) AS s (series_id, first_at, last_at)
                                               WHERE s.last_at >= slice.first_at AND s.first_at < slice.end_at),
                                         metric, slice.first_at, slice.end_at, newest_first) AS found
$$;
