-- Records what a batch of new readings adds to the totals of all sensors.
INSERT INTO pending_total (tenant, hour, metric, readings, events, scaled_total, lowest, highest)
SELECT tenant, to_timestamp(hour * 3600.0), metric, readings, events, scaled_total, lowest, highest
FROM json_to_recordset(?::json)
    AS given (tenant text, hour bigint, metric text, readings bigint, events bigint, scaled_total float8, lowest float8, highest float8)
