-- Stores readings of which some may be stored already, and records them in the ledger: what is new is inserted, metrics and attributes that a stored
-- reading lacks are added to it, and one that has another value for what is stored changes nothing. Answers, by position, what became of those that were
-- not new: "repeated", "completed", "conflict", or "again" if it has just been deleted; with what was stored where that differs.
-- What is new is rolled up here if that takes few rows, or else later, from the readings of the batch. If the batch of a completed reading is in the
-- rollups, what was added to it is added there as well; if not, it will be rolled up from its readings, because what a program has of it in memory
-- is no longer right. "totals" are those of all given readings: nearly always all are new, and to add them up here would take as long as to store them. If there
-- are none, they are added up here all the same.
-- Rows are locked in one order for all callers.
CREATE OR REPLACE FUNCTION merge_readings(given given_reading[], totals hour_total[], offsets jsonb, records integer, generation bigint)
RETURNS TABLE ("position" bigint, outcome text, stored_values text, stored_attributes text)
LANGUAGE plpgsql SET lock_timeout = '30s' SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    new_batch bigint := nextval(pg_get_serial_sequence('batch', 'batch_id'));
    new_readings bigint;
    are_few boolean;
    new_hours hour_rollup[];
    completed_hours hour_rollup[];
    completed_totals hour_total[];
    known bigint[];
    differing bigint[];
    differing_readings given_reading[];
    partitions regclass[];
    in_partition record;
    held_in_partition held_reading[];
    held_readings held_reading[];
    waiting bigint[];
    positions bigint[];
    outcomes text[];
    values_before text[];
    attributes_before text[];
    completed_series integer[];
    completed_times timestamptz[];
    texts given_reading[];
    completed_texts given_reading[];
    -- By minute where the totals are.
    span interval := CASE WHEN totals = '{}' OR EXISTS (SELECT FROM unnest(totals) WHERE last_at > now() - minutes_kept() AND minute_of(first_at) <> minute_of(last_at))
                          THEN interval '1 hour' ELSE interval '1 minute' END;
BEGIN
    PERFORM hold_series(generation);
    WITH stored AS (
        INSERT INTO reading (series_id, batch_id, at, received_at, "values", attributes)
        SELECT series_id, new_batch, at, received_at, "values", attributes FROM unnest(given) ORDER BY series_id, at
        ON CONFLICT DO NOTHING
        RETURNING series_id, at, received_at, "values", attributes
    ), rows_of_hours AS MATERIALIZED (
        -- An upper bound of the rows, which costs less than the rows.
        SELECT coalesce(sum(most), 0) <= greatest(100, (SELECT count(*) FROM stored) / 10) AS are_few
        FROM (SELECT max(cardinality("values")) AS most FROM stored GROUP BY series_id, date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00')) AS one
    ), hours AS (
        SELECT date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00') AS hour, series_id, metric."position"::smallint AS "position",
               count(*) AS readings, count(*) FILTER (WHERE metric."position" = first_position("values")) AS events, min(at) AS first_at, max(at) AS last_at,
               sum(scaled(metric.value)) AS scaled_total, min(metric.value) AS lowest, max(metric.value) AS highest, max(received_at) AS last_received_at
        FROM stored CROSS JOIN LATERAL unnest("values") WITH ORDINALITY AS metric (value, "position")
        WHERE metric.value IS NOT NULL AND (SELECT are_few FROM rows_of_hours)
        GROUP BY 1, 2, 3
    )
    SELECT (SELECT count(*) FROM stored), (SELECT are_few FROM rows_of_hours), ARRAY(SELECT ROW(hours.*)::hour_rollup FROM hours),
           ARRAY(SELECT "position" FROM unnest(given) WITH ORDINALITY AS one (series_id, at, received_at, "values", attributes, "position")
                 WHERE ((series_id, at) IN (SELECT series_id, at FROM stored)) IS NOT TRUE),
           ARRAY(SELECT ROW(series_id, at, received_at, NULL, attributes)::given_reading FROM stored WHERE attributes IS NOT NULL)
    INTO new_readings, are_few, new_hours, known, texts;

    -- Nearly all of these only repeat what is stored; that needs no lock.
    SELECT array_agg(one."position") FILTER (WHERE is_repeated), array_agg(one."position") FILTER (WHERE is_repeated IS NOT TRUE),
           array_agg(ROW(one.series_id, one.at, one.received_at, one."values", one.attributes)::given_reading) FILTER (WHERE is_repeated IS NOT TRUE),
           array_agg(partition) FILTER (WHERE is_repeated IS NOT TRUE)
    INTO positions, differing, differing_readings, partitions
    FROM unnest(given) WITH ORDINALITY AS one (series_id, at, received_at, "values", attributes, "position")
    LEFT JOIN LATERAL (
        SELECT values_merged(reading."values", one."values") = reading."values"
               AND coalesce(reading.attributes || one.attributes, reading.attributes, one.attributes) IS NOT DISTINCT FROM reading.attributes AS is_repeated,
               tableoid::regclass AS partition
        FROM reading WHERE reading.series_id = one.series_id AND reading.at = one.at OFFSET 0
    ) AS compared ON true
    -- IS TRUE keeps it a lookup in a hash table; otherwise it would become a join.
    WHERE (one."position" IN (SELECT unnest(known))) IS TRUE;
    RETURN QUERY SELECT one, 'repeated', NULL, NULL FROM unnest(positions) AS one;

    IF differing IS NOT NULL THEN
        -- PostgreSQL 18 (seen with 18.6) frees what a statement knows of partitions after it waited for a row that another transaction changed, and the
        -- server crashes if the statement looks up one more. So rows are locked by statements that look up none.
        FOR in_partition IN
            SELECT name, array_agg("position") AS positions, array_agg(ROW(series_id, at, received_at, "values", attributes)::given_reading) AS readings
            FROM unnest(differing, partitions, differing_readings) AS one ("position", name, series_id, at, received_at, "values", attributes)
            WHERE name IS NOT NULL GROUP BY name ORDER BY name
        LOOP
            EXECUTE format('
                SELECT array_agg(ROW(one."position", stored.series_id, stored.at, stored.received_at, stored.batch_id, stored."values", stored.attributes,
                       values_merged(stored."values", one."values"), coalesce(stored.attributes || one.attributes, stored.attributes, one.attributes),
                       values_merged(stored."values", one."values") <> values_merged(one."values", stored."values")
                       OR coalesce(stored.attributes || one.attributes <> one.attributes || stored.attributes, false)
                       OR coalesce(octet_length((stored.attributes || one.attributes)::text) > 1048576, false))::held_reading)
                FROM (SELECT * FROM unnest($1, $2) AS one ("position", series_id, at, received_at, "values", attributes) ORDER BY series_id, at) AS one
                CROSS JOIN LATERAL (SELECT * FROM %s AS stored WHERE stored.series_id = one.series_id AND stored.at = one.at FOR UPDATE) AS stored', in_partition.name)
            INTO held_in_partition USING in_partition.positions, in_partition.readings;
            held_readings := held_readings || held_in_partition;
        END LOOP;
        WITH ledger AS MATERIALIZED (
            SELECT batch_id, rolled_up FROM batch WHERE batch_id IN (SELECT batch_id FROM unnest(held_readings) WHERE NOT is_conflict) ORDER BY batch_id FOR UPDATE
        )
        SELECT ARRAY(SELECT batch_id FROM ledger WHERE NOT rolled_up) INTO waiting;

        WITH held AS MATERIALIZED (
            SELECT * FROM unnest(held_readings)
        ), changed AS (
            UPDATE reading SET "values" = new_values, attributes = new_attributes FROM held
            WHERE NOT held.is_conflict AND reading.series_id = held.series_id AND reading.at = held.at
        ), released AS (
            UPDATE batch SET in_memory = false WHERE batch_id = ANY (waiting) AND in_memory
        ), hours AS (
            SELECT date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00') AS hour, series_id, metric."position"::smallint AS "position",
                   count(*) AS readings, 0 AS events, min(at) AS first_at, max(at) AS last_at,
                   sum(scaled(metric.value)) AS scaled_total, min(metric.value) AS lowest, max(metric.value) AS highest, max(received_at) AS last_received_at
            FROM held CROSS JOIN LATERAL unnest("values", new_values) WITH ORDINALITY AS metric (old_value, value, "position")
            WHERE NOT is_conflict AND metric.old_value IS NULL AND metric.value IS NOT NULL AND batch_id <> ALL (waiting)
            GROUP BY 1, 2, 3
        ), totals AS (
            SELECT group_id, date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00') AS hour, metrics[metric."position"] AS metric,
                   count(*), 0, min(at), max(at), sum(scaled(metric.value)), min(metric.value), max(metric.value), max(received_at)
            FROM held JOIN series USING (series_id) CROSS JOIN LATERAL unnest("values", new_values) WITH ORDINALITY AS metric (old_value, value, "position")
            WHERE NOT is_conflict AND metric.old_value IS NULL AND metric.value IS NOT NULL
            GROUP BY 1, 2, 3, date_bin(span, at, timestamptz '2000-01-01 00:00:00+00')
        ), newest AS (
            SELECT series_id, at FROM held WHERE NOT is_conflict ORDER BY at DESC LIMIT 500
        )
        SELECT ARRAY(SELECT ROW(hours.*)::hour_rollup FROM hours), ARRAY(SELECT ROW(totals.*)::hour_total FROM totals), (SELECT array_agg(series_id) FROM newest), (SELECT array_agg(at) FROM newest), array_agg("position"), array_agg(CASE WHEN is_conflict THEN 'conflict' ELSE 'completed' END),
               array_agg("values"::text), array_agg(attributes::text),
               -- Those that the stored reading did not have.
               ARRAY(SELECT ROW(series_id, at, received_at, NULL, new_attributes - ARRAY(SELECT jsonb_object_keys(attributes)))::given_reading
                     FROM held WHERE NOT is_conflict AND new_attributes IS DISTINCT FROM attributes)
        INTO completed_hours, completed_totals, completed_series, completed_times, positions, outcomes, values_before, attributes_before, completed_texts
        FROM held;
        RETURN QUERY SELECT * FROM unnest(positions, outcomes, values_before, attributes_before);
        RETURN QUERY SELECT one, 'again', NULL, NULL FROM (SELECT unnest(differing) EXCEPT SELECT unnest(positions)) AS gone (one);
    END IF;

    IF NOT are_few THEN
        PERFORM add_rollups(completed_hours);
    ELSE
        PERFORM add_rollups(ARRAY(
            SELECT ROW(hour, series_id, "position", sum(readings), sum(events), min(first_at), max(last_at), sum(scaled_total), min(lowest), max(highest), max(last_received_at))::hour_rollup
            FROM unnest(new_hours || completed_hours) GROUP BY hour, series_id, "position"));
    END IF;
    IF known <> '{}' OR totals = '{}' THEN
        totals := ARRAY(
            SELECT ROW(group_id, date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00'), metrics[metric."position"], count(*), count(*) FILTER (WHERE metric."position" = first_position("values")),
                       min(at), max(at), sum(scaled(metric.value)), min(metric.value), max(metric.value), max(received_at))::hour_total
            FROM unnest(given) WITH ORDINALITY AS one (series_id, at, received_at, "values", attributes, "position") JOIN series USING (series_id)
            CROSS JOIN LATERAL unnest("values") WITH ORDINALITY AS metric (value, "position")
            WHERE (one."position" IN (SELECT unnest(known))) IS NOT TRUE AND metric.value IS NOT NULL
            GROUP BY group_id, date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00'), metrics[metric."position"], date_bin(span, at, timestamptz '2000-01-01 00:00:00+00'));
    END IF;
    PERFORM add_totals(totals || completed_totals);
    texts := texts || completed_texts;
    IF cardinality(texts) > 0 THEN
        PERFORM count_texts(texts);
    END IF;
    INSERT INTO batch (batch_id, offsets, records, readings, first_at, last_at, rolled_up, completed_series, completed_times) OVERRIDING SYSTEM VALUE
    SELECT new_batch, offsets, records, new_readings, min(at), max(at), are_few, completed_series, completed_times
    FROM unnest(given);
END $$;
