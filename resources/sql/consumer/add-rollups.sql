-- Adds rollups that were made in memory to the tables.
SELECT add_rollups(array_agg(ROW(to_timestamp(hour * 3600.0), series_id, "position", readings, events,
                                 to_timestamp(first_at / 1e6::float8), to_timestamp(last_at / 1e6::float8),
                                 scaled_total, lowest, highest, to_timestamp(last_received_at / 1e3::float8))::hour_rollup))
FROM unnest(?::bigint[], ?::integer[], ?::smallint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::float8[], ?::float8[], ?::float8[], ?::bigint[])
    AS given (hour, series_id, "position", readings, events, first_at, last_at, scaled_total, lowest, highest, last_received_at)
