-- A reading as the REST API writes it: its metrics beside its names.
CREATE OR REPLACE FUNCTION reading_json(sensor_id text, location text, at timestamptz, received_at timestamptz,
                             metrics text[], metric_values float8[], attributes jsonb) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN json_merge(
    json_build_object('sensor_id', sensor_id, 'location', location,
                      'timestamp', iso_8601(at), 'received_at', iso_8601(received_at)),
    (SELECT json_object_agg(field.key, field.value)
     FROM (SELECT m.key, to_json(m.value) AS value FROM unnest(metrics, metric_values) AS m (key, value)
           UNION ALL SELECT 'attributes', attributes::json WHERE attributes IS NOT NULL) AS field));
