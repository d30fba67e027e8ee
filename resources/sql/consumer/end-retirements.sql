-- Ends the retirement of sensors that have sent again, and of those of which nothing is left.
DELETE FROM retired_sensor
WHERE NOT EXISTS (SELECT FROM series WHERE series.tenant = retired_sensor.tenant AND series.sensor_id = retired_sensor.sensor_id)
   OR EXISTS (SELECT FROM series JOIN series_activity USING (series_id)
              WHERE series.tenant = retired_sensor.tenant AND series.sensor_id = retired_sensor.sensor_id AND series_activity.last_received_at > retired_sensor.retired_at)
