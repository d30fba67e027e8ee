-- Selects locations with statistics, by name; one extra row shows whether there is a next page.
WITH named AS (
    SELECT location COLLATE "C" AS location FROM series_group
    WHERE kind = 'location' AND location IS NOT NULL
      AND (EXISTS (SELECT FROM rollup_total_month WHERE rollup_total_month.group_id = series_group.group_id)
           OR group_id IN (SELECT one.group_id FROM pending_total CROSS JOIN unnest(totals) AS one))
    UNION
    -- Those that are no groups.
    SELECT series.location FROM series JOIN series_group USING (group_id) JOIN series_activity USING (series_id) WHERE kind = 'others' AND series.location IS NOT NULL
), page AS (
    SELECT location, row_number() OVER (ORDER BY location) AS place FROM named
    WHERE (:?search::text IS NULL OR strpos(case_folded(location), case_folded(:?search::text)) > 0) AND location > coalesce(:?cursor::text, '')
    ORDER BY location LIMIT :?limit::integer + 1
)
SELECT '{"status":"success","count":' || count(*) FILTER (WHERE place <= :?limit::integer) || ',"data":['
    || coalesce(string_agg('{"location":' || to_json(location) || '}', ',' ORDER BY place) FILTER (WHERE place <= :?limit::integer), '') || '],"next":'
    || coalesce(CASE WHEN count(*) > :?limit::integer THEN '"' || cursor_of(max(location) FILTER (WHERE place = :?limit::integer)) || '"' END, 'null') || '}' AS answer
FROM page
