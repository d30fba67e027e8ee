-- Selects sensors by name, with a summary of each; one extra row shows whether there is a next page.
WITH alerting AS MATERIALIZED (
    SELECT sensor_id, count(*) FILTER (WHERE severity = 'critical') AS critical, count(*) FILTER (WHERE severity = 'warning') AS warning, count(*) FILTER (WHERE severity = 'info') AS info
    FROM alert WHERE state = 'firing' AND acknowledged_at IS NULL AND (shelved_until IS NULL OR shelved_until <= now())
    GROUP BY sensor_id
), named AS NOT MATERIALIZED (
    SELECT series_id, sensor_id FROM series
    -- Without sensors, from the first to the last name that there can be.
    WHERE sensor_id >= greatest('', (SELECT min(given COLLATE "C") FROM unnest(:?sensor_id::text[]) AS given),
                                (SELECT min(sensor_id COLLATE "C") FROM alerting WHERE :?alerts::text = 'open'))
      AND sensor_id <= least(repeat(chr(1114111), 200), (SELECT max(given COLLATE "C") FROM unnest(:?sensor_id::text[]) AS given),
                             (SELECT max(sensor_id COLLATE "C") FROM alerting WHERE :?alerts::text = 'open'))
      AND (:?alerts::text IS NULL OR (sensor_id IN (SELECT sensor_id FROM alerting)) IS TRUE)
      AND sensor_id > greatest('', :?cursor::text)
      AND (:?sensor_id::text[] IS NULL OR sensor_id = ANY (:?sensor_id::text[])) AND (:?location::text[] IS NULL OR location = ANY (:?location::text[]))
      AND (:?metric::text IS NULL OR :?metric::text = ANY (metrics))
      AND (:?search::text IS NULL OR strpos(search_text, case_folded(:?search::text)) > 0)
), retired AS MATERIALIZED (
    SELECT * FROM retired_series()
), heard AS MATERIALIZED (
    SELECT series_id, max(last_received_at) AS last_received_at
    FROM (
        SELECT series_id, last_received_at FROM series_activity
        UNION ALL
        SELECT series_id, last_received_at FROM pending_activity('-infinity', 'infinity', NULL) WHERE EXISTS (SELECT FROM batch WHERE NOT rolled_up)
    ) AS part
    WHERE :?status::text IN ('online', 'silent') AND (series_id IN (SELECT series_id FROM retired)) IS NOT TRUE
    GROUP BY series_id
), page AS MATERIALIZED (
    -- In the order of the index, so that only those of the page are looked at.
    (SELECT DISTINCT sensor_id FROM named
     WHERE coalesce(:?status::text, 'all') = 'all'
       -- Retired ones only by name, or if all are asked for.
       AND (:?sensor_id::text[] IS NOT NULL OR :?status::text = 'all' OR (series_id IN (SELECT series_id FROM retired)) IS NOT TRUE)
       -- Those with statistics or readings that will be in them.
       AND (EXISTS (SELECT FROM series_activity WHERE series_activity.series_id = named.series_id)
            OR (named.series_id IN (SELECT series_id FROM pending_activity('-infinity', 'infinity', NULL))) IS TRUE)
     ORDER BY sensor_id LIMIT :?limit::integer + 1)
    UNION ALL
    -- Which are silent or online can only be said of all.
    (SELECT sensor_id FROM named JOIN heard USING (series_id)
     WHERE :?status::text IN ('online', 'silent')
     GROUP BY sensor_id HAVING (max(last_received_at) < (SELECT date_trunc('second', now()) - :?silent_after::text::interval)) = (:?status::text = 'silent')
     ORDER BY sensor_id LIMIT :?limit::integer + 1)
    UNION ALL
    (SELECT DISTINCT sensor_id FROM named JOIN retired USING (series_id) WHERE :?status::text = 'retired' ORDER BY sensor_id LIMIT :?limit::integer + 1)
), chosen AS MATERIALIZED (
    SELECT * FROM chosen_series(ARRAY(SELECT sensor_id FROM page), :?location::text[], :?metric::text)
    WHERE :?search::text IS NULL OR strpos(search_text, case_folded(:?search::text)) > 0
), few AS MATERIALIZED (
    SELECT coalesce(array_agg(series_id), '{}') AS series FROM chosen
), seen AS (
    SELECT series_id, sum(events)::bigint AS readings, min(first_at) AS first_at, max(last_at) AS last_at, max(last_received_at) AS last_received_at
    FROM (
        SELECT one.series_id, events, first_at, last_at, last_received_at FROM few CROSS JOIN unnest(series) AS one (series_id)
        CROSS JOIN LATERAL (SELECT * FROM monthly_rollups WHERE monthly_rollups.series_id = one.series_id OFFSET 0) AS stored
        UNION ALL
        -- Readings that are not rolled up yet.
        SELECT series_id, events, first_at, last_at, last_received_at FROM pending_hours('-infinity', 'infinity', (SELECT series FROM few))
        WHERE EXISTS (SELECT FROM batch WHERE NOT rolled_up)
    ) AS part
    GROUP BY series_id
), sensors AS (
    SELECT sensor_id, (array_agg(location ORDER BY last_at DESC, series_id DESC))[1] AS location, sum(readings) AS readings,
           min(first_at) AS first_at, max(last_at) AS last_at, max(last_received_at) AS last_received_at, array_agg(series_id) AS series_ids, max(retired_at) AS retired_at,
           -- By the time of receipt, so that it does not depend on the clock of the sensor.
           CASE WHEN max(retired_at) IS NOT NULL THEN 'retired' WHEN max(last_received_at) < date_trunc('second', now()) - :?silent_after::text::interval THEN 'silent' ELSE 'online' END AS status
    FROM chosen JOIN seen USING (series_id) LEFT JOIN retired USING (series_id) GROUP BY sensor_id
    ORDER BY sensor_id COLLATE "C" LIMIT :?limit::integer + 1
), lines AS (
    SELECT row_number() OVER (ORDER BY sensor_id COLLATE "C") AS place, sensor_id,
           '{"sensor_id":' || to_json(sensor_id) || ',"location":' || coalesce(to_json(location)::text, 'null')
           || ',"metrics":' || array_to_json(ARRAY(SELECT DISTINCT metric COLLATE "C" FROM chosen, unnest(metrics) AS metric WHERE series_id = ANY (series_ids) ORDER BY 1))
           || ',"readings":' || readings || ',"first_reading":"' || iso_8601(first_at) || '","last_reading":"' || iso_8601(last_at)
           || '","last_received":"' || iso_8601(last_received_at) || '","status":"' || status || '","retired_at":' || coalesce('"' || iso_8601(retired_at) || '"', 'null')
           || ',"clock_offset_seconds":' || round(extract(epoch FROM last_at - last_received_at), 3)
           || ',"odd":[' || concat_ws(',', CASE WHEN last_at > last_received_at + clock_tolerance() THEN '"clock_fast"'
                                                WHEN last_at < last_received_at - interval '5 minutes' THEN '"clock_slow"' END,
                                           CASE WHEN are_recent THEN '"text_for_number"' END, CASE WHEN are_recently_implausible THEN '"implausible_value"' END)
           || '],"texts_for_numbers":[' || coalesce(texts, '') || '],"implausible_values":[' || coalesce(implausible_values, '')
           || '],"open_alerts":{"critical":' || coalesce(critical, 0) || ',"warning":' || coalesce(warning, 0) || ',"info":' || coalesce(info, 0) || '}}' AS line
    FROM sensors LEFT JOIN alerting USING (sensor_id) CROSS JOIN LATERAL (
        -- Those of the last day are odd.
        SELECT string_agg(entry, ',' ORDER BY metric COLLATE "C") FILTER (WHERE NOT is_implausible) AS texts,
               string_agg(entry, ',' ORDER BY metric COLLATE "C") FILTER (WHERE is_implausible) AS implausible_values,
               max(received_at) FILTER (WHERE NOT is_implausible) > last_received_at - interval '1 day' AS are_recent,
               max(received_at) FILTER (WHERE is_implausible) > last_received_at - interval '1 day' AS are_recently_implausible
        FROM (SELECT metrics["position"] AS metric, is_implausible, max(text_for_number.last_received_at) AS received_at,
                     '{"metric":' || to_json(metrics["position"]) || ',"readings":' || sum(text_for_number.readings) || ',"last_received":"' || iso_8601(max(text_for_number.last_received_at)) || '"}' AS entry
              FROM text_for_number JOIN series USING (series_id) WHERE series_id = ANY (series_ids) GROUP BY 1, 2) AS by_metric
    ) AS unusual
)
SELECT '{"status":"success","count":' || count(*) FILTER (WHERE place <= :?limit::integer) || ',"data":['
    || coalesce(string_agg(line, ',' ORDER BY place) FILTER (WHERE place <= :?limit::integer), '') || '],"next":'
    || coalesce(CASE WHEN count(*) > :?limit::integer THEN '"' || cursor_of(max(sensor_id) FILTER (WHERE place = :?limit::integer)) || '"' END, 'null') || '}' AS answer
FROM lines
