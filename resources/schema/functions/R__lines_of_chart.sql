-- The series of some sensors and locations that have a metric, its position in their readings, and the line of a chart that each belongs to: one for all, or one for each
-- location or each sensor at a location, in the order of their names.
CREATE OR REPLACE FUNCTION lines_of_chart(metric text, by text, sensors text[], locations text[])
RETURNS TABLE (series_id integer, "position" smallint, sensor_id text, location text, line bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT series_id, "position", sensor_id, location, dense_rank() OVER (ORDER BY sensor_id COLLATE "C", location COLLATE "C")
    FROM (SELECT series_id, array_position(metrics, lines_of_chart.metric)::smallint AS "position",
                 CASE WHEN lines_of_chart.by = 'sensor' THEN sensor_id END AS sensor_id, CASE WHEN lines_of_chart.by <> 'all' THEN location END AS location
          FROM chosen_series(sensors, locations, lines_of_chart.metric)) AS named
$$;
