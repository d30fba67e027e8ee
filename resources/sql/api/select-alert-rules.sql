-- Selects rules by name, if wanted with the number of their open alerts; one extra row shows whether there is a next page.
WITH page AS MATERIALIZED (
    SELECT rule_id, name, alert_rule_json(rule) AS shown, row_number() OVER (ORDER BY name COLLATE "C") AS place
    FROM alert_rule AS rule
    WHERE (:?cursor::text IS NULL OR name COLLATE "C" > :?cursor::text)
      AND (:?search::text IS NULL OR strpos(case_folded(concat_ws(' ', name, definition ->> 'metric', definition ->> 'when', definition ->> 'sensors', definition ->> 'locations')),
                                            case_folded(:?search::text)) > 0)
    ORDER BY name COLLATE "C" LIMIT :?limit::integer + 1
), firing AS (
    SELECT rule_id, count(*) AS alerts FROM alert
    WHERE :?with_alerts::boolean AND state = 'firing' AND acknowledged_at IS NULL AND (shelved_until IS NULL OR shelved_until <= now())
    GROUP BY rule_id
), listed AS (
    SELECT place, name,
           CASE WHEN :?with_alerts::boolean THEN ('{"open_alerts":' || coalesce(alerts, 0) || ',' || substr(shown::text, 2))::json ELSE shown END AS shown
    FROM page LEFT JOIN firing USING (rule_id)
)
SELECT row_to_json(answer)::text AS answer
FROM (SELECT 'success' AS status, count(*) FILTER (WHERE place <= :?limit::integer) AS count,
             coalesce(json_agg(shown ORDER BY place) FILTER (WHERE place <= :?limit::integer), '[]') AS data,
             CASE WHEN count(*) > :?limit::integer THEN cursor_of(max(name) FILTER (WHERE place = :?limit::integer)) END AS next
      FROM listed) AS answer
