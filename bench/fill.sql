-- Readings for bench/api: two metrics, sensors in turn, recorded in the ledger and rolled up like any others. They are of the simulated sensors, which go on to send with --ingest.
-- The caller replaces :readings, :sensors, :seconds (between two readings of a sensor), :until (the time of the last reading) and :hourly.
SELECT count(*) FROM number_series((
    SELECT jsonb_agg(jsonb_build_object('position', number, 'tenant', 'default', 'sensor_id', 'sensor-' || lpad(number::text, greatest(3, length(number::text)), '0'),
                                        'location', ('{warehouse-a,warehouse-b,greenhouse,office,cold-room}'::text[])[1 + (number - 1) % 5], 'metrics', ARRAY['humidity', 'temperature']))
    FROM generate_series(1, :sensors) AS number), 2147483647, 900);

-- A partition for each hour, as if they had been made while their hours passed; otherwise the usual ones, which are wider for older readings.
ALTER FUNCTION usual_partition(timestamptz, interval) RENAME TO partition_of_today;

CREATE FUNCTION usual_partition(wanted timestamptz, width interval) RETURNS TABLE (from_time timestamptz, until_time timestamptz) LANGUAGE sql AS $$
    SELECT date_trunc('hour', wanted, 'UTC'), date_trunc('hour', wanted, 'UTC') + interval '1 hour' WHERE :hourly
    UNION ALL
    SELECT * FROM partition_of_today(wanted, width) WHERE NOT :hourly
$$;

-- Every hour from the first reading to the last one, on the hour in UTC as the bounds of partitions are. In parts, so that a transaction locks few of them.
CREATE OR REPLACE PROCEDURE make_partitions(start timestamptz, until timestamptz) LANGUAGE plpgsql AS $$
BEGIN
    WHILE start <= until LOOP
        PERFORM make_reading_partitions(ARRAY(SELECT generate_series(start, least(until, start + interval '99 hours'), interval '1 hour')), interval '24 hours');
        COMMIT;
        start := start + interval '100 hours';
    END LOOP;
END $$;

CALL make_partitions(date_trunc('hour', :until - make_interval(secs => :readings / :sensors * :seconds), 'UTC'), :until);

DROP FUNCTION usual_partition(timestamptz, interval);

ALTER FUNCTION partition_of_today(timestamptz, interval) RENAME TO usual_partition;

CREATE OR REPLACE PROCEDURE fill(readings bigint, sensors integer, seconds float8, until timestamptz) LANGUAGE plpgsql AS $$
DECLARE
    total bigint := readings / sensors * sensors;
    start timestamptz := until - make_interval(secs => readings / sensors * seconds);
    series_ids integer[] := ARRAY(SELECT series_id FROM series WHERE sensor_id LIKE 'sensor-%' ORDER BY series_id LIMIT sensors);
    done bigint := 0;
    part bigint;
    new_batch bigint;
BEGIN
    WHILE done < total LOOP
        -- As large as the store's batches are after an outage.
        part := least(total - done, 20000);
        INSERT INTO batch (offsets, records, readings, first_at, last_at)
        VALUES ('{}', part, part, start + make_interval(secs => (done + 1)::float8 / sensors * seconds), start + make_interval(secs => (done + part)::float8 / sensors * seconds))
        RETURNING batch_id INTO new_batch;
        INSERT INTO reading
        SELECT series_ids[sensor], new_batch, at, at + interval '50 ms',
               ARRAY[round((45 + 10 * sin(round / 1000.0 + sensor))::numeric, 2), round((20 + 5 * cos(round / 700.0 + sensor))::numeric, 2)]::float8[], NULL
        FROM generate_series(done, done + part - 1) AS number,
             LATERAL (SELECT number / sensors AS round, number % sensors + 1 AS sensor, start + make_interval(secs => (number + 1)::float8 / sensors * seconds) AS at) AS one;
        done := done + part;
        COMMIT;
        -- By minute, as the store writes them.
        PERFORM add_totals(ARRAY(
            SELECT ROW(group_id, date_bin('1 hour', min(at), timestamptz '2000-01-01 00:00:00+00'), metrics["position"], count(*), count(*) FILTER (WHERE "position" = 1), min(at), max(at),
                       sum(scaled(value)), min(value), max(value), max(received_at))::hour_total
            FROM reading JOIN series USING (series_id) CROSS JOIN LATERAL unnest("values") WITH ORDINALITY AS metric (value, "position")
            WHERE batch_id = new_batch AND at > start + make_interval(secs => (done - part)::float8 / sensors * seconds)
              AND at <= start + make_interval(secs => done::float8 / sensors * seconds)
            GROUP BY group_id, metrics, "position", date_bin(CASE WHEN at > now() - minutes_kept() THEN interval '1 minute' ELSE interval '1 hour' END, at, timestamptz '2000-01-01 00:00:00+00')));
        -- Ten at a time: each time, the rows of all sensors are written.
        IF done = total OR done % 200000 = 0 THEN
            PERFORM roll_up_batches(200, interval '0');
            PERFORM add_pending_totals();
        END IF;
        COMMIT;
    END LOOP;
END $$;

CALL fill(:readings, :sensors, :seconds, :until);

-- Otherwise the measurement would include the database's own work after so many inserts.
VACUUM (ANALYZE);
CHECKPOINT;
