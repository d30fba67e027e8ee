-- Adds up by hour the readings that are not rolled up yet, in a range of time: of all series (null), or of some. These are looked up in the key if few of
-- the pending readings are theirs, but only in batches of the last minutes: older ones would make them read all that they sent since.
CREATE OR REPLACE FUNCTION pending_hours(from_time timestamptz, until_time timestamptz, of_series integer[]) RETURNS SETOF hour_rollup
LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
    WITH pending AS MATERIALIZED (
        SELECT batch_id, first_at, last_at, coalesce(first_at > now() - interval '10 minutes' AND sum(readings) OVER () > 20 * cardinality(of_series), false) AS is_looked_up
        FROM batch WHERE NOT rolled_up
    )
    SELECT * FROM hours_of_readings((SELECT array_agg(batch_id) FROM pending WHERE NOT is_looked_up),
                                    greatest(from_time, (SELECT min(first_at) FROM pending WHERE NOT is_looked_up)),
                                    least(until_time, (SELECT max(last_at) + interval '1 microsecond' FROM pending WHERE NOT is_looked_up)))
    WHERE EXISTS (SELECT FROM pending WHERE NOT is_looked_up) AND (of_series IS NULL OR (series_id IN (SELECT unnest(of_series))) IS TRUE)
    UNION ALL
    SELECT * FROM hours_of_readings((SELECT array_agg(batch_id) FROM pending WHERE is_looked_up),
                                    greatest(from_time, (SELECT min(first_at) FROM pending WHERE is_looked_up)),
                                    least(until_time, (SELECT max(last_at) + interval '1 microsecond' FROM pending WHERE is_looked_up)), of_series)
    WHERE EXISTS (SELECT FROM pending WHERE is_looked_up)
$$;
