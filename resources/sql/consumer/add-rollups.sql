-- Adds hourly rollups to the rollup tables.
SELECT add_rollups(array_agg(to_timestamp(hour * 3600.0)), array_agg(series_id), array_agg("position"), array_agg(readings),
                   array_agg(to_timestamp(first_at / 1e6::float8)), array_agg(to_timestamp(last_at / 1e6::float8)),
                   array_agg(scaled_total), array_agg(lowest), array_agg(highest), array_agg(to_timestamp(last_received_at / 1e3::float8)))
FROM unnest(?::bigint[], ?::integer[], ?::smallint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::float8[], ?::float8[], ?::float8[], ?::bigint[])
    AS given (hour, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest, last_received_at)
