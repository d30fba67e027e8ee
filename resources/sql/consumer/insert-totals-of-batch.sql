-- Records what a stored batch adds to the totals of all sensors, added up from its readings: for very many hours or metrics.
INSERT INTO pending_total (tenant, hour, metric, readings, events, scaled_total, lowest, highest)
SELECT tenant, hour, metrics["position"], sum(added.readings), sum(events), sum(scaled_total), min(lowest), max(highest)
FROM hours_of_readings(ARRAY[?::bigint], '-infinity', 'infinity') AS added JOIN series USING (series_id)
GROUP BY 1, 2, 3
