-- The series of some sensors and locations that have a metric (null: of all). Sensors are looked up in the index.
CREATE OR REPLACE FUNCTION chosen_series(sensors text[], locations text[], metric text)
RETURNS TABLE (series_id integer, sensor_id text, location text, metrics text[], search_text text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT series_id, sensor_id, location, metrics, search_text FROM series
    WHERE sensor_id = ANY (sensors)
      AND (locations IS NULL OR location = ANY (locations)) AND (chosen_series.metric IS NULL OR chosen_series.metric = ANY (metrics))
    UNION ALL
    SELECT series_id, sensor_id, location, metrics, search_text FROM series
    WHERE sensors IS NULL
      AND (locations IS NULL OR location = ANY (locations)) AND (chosen_series.metric IS NULL OR chosen_series.metric = ANY (metrics))
$$;
