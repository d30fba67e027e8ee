-- Answers that go by the time of receipt, text that is searched alike on every server, and decisions that stand once.

-- Whoever adds rollups locks the ledger first: nobody is half-way through the functions that change here.
LOCK TABLE batch IN EXCLUSIVE MODE;

-- Sums are kept of values divided by this, a power of two: no digit is lost, and the largest numbers can be added.
CREATE FUNCTION scale() RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 1099511627776::float8;

-- A value as it is added to a scaled total.
CREATE FUNCTION scaled(value float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN value / scale();

-- The average of so many values with this scaled total.
CREATE FUNCTION average_of(scaled_total float8, readings float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN scaled_total / readings * scale();

-- How far the time of a reading may be ahead of its receipt before the clock of the sensor counts as fast.
CREATE FUNCTION clock_tolerance() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN interval '1 minute';

-- Text without the differences that a search ignores: upper and lower case (also of ß and ss, σ and ς, and the dotted and the dotless i), and
-- compatible forms of the same characters (composed or decomposed, wide or narrow). By Unicode's tables in PostgreSQL, whatever the locale.
CREATE FUNCTION case_folded(given text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(given) = char_length(given) THEN lower(given COLLATE "C") COLLATE pg_c_utf8 -- ASCII: the same, and ten times as fast
            ELSE replace(replace(lower(upper(normalize(given, NFKC) COLLATE pg_c_utf8)), 'ß', 'ss'), U&'i\0307', 'i') END;

ALTER TABLE series ADD COLUMN search_text text NOT NULL GENERATED ALWAYS AS (case_folded(sensor_id || E'\n' || coalesce(location, ''))) STORED;
COMMENT ON COLUMN series.search_text IS 'Sensor and location as searches compare them; no search contains the line feed between them';

-- A name as a cursor in a URL: Base64 with the characters that need no escape.
CREATE FUNCTION cursor_of(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(encode(convert_to(name, 'UTF8'), 'base64'), E'+/=\n', '-_');

ALTER TABLE rollup_hour ADD COLUMN last_received_at timestamptz;
UPDATE rollup_hour SET last_received_at = last_at;
ALTER TABLE rollup_hour ALTER COLUMN last_received_at SET NOT NULL;
COMMENT ON COLUMN rollup_hour.last_received_at IS 'When Kafka received the reading that came last';
ALTER TABLE rollup_month ADD COLUMN last_received_at timestamptz;
UPDATE rollup_month SET last_received_at = last_at;
ALTER TABLE rollup_month ALTER COLUMN last_received_at SET NOT NULL;
COMMENT ON COLUMN rollup_month.last_received_at IS 'When Kafka received the reading that came last';

-- Of nearly all series there is no row, so that it costs next to nothing.
CREATE TABLE fast_clock (
    series_id        integer PRIMARY KEY REFERENCES series ON DELETE CASCADE,
    last_at          timestamptz NOT NULL,
    last_received_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE fast_clock IS 'Series with readings whose time is ahead of their receipt by more than clock_tolerance()';
COMMENT ON COLUMN fast_clock.last_at IS 'The latest time of these readings';
COMMENT ON COLUMN fast_clock.last_received_at IS 'When Kafka received the last of them';
GRANT SELECT ON fast_clock TO sensor_pipeline_reader;
ALTER TABLE fast_clock ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_clocks ON fast_clock FOR SELECT TO sensor_pipeline_reader
    USING (series_id IN (SELECT series_id FROM series));

-- Adds up readings by hour, in the shape of rollup_hour: those of the given batches, or all if none are given, in a range of time.
-- Nearly all readings have few values: picking each by its place is several times cheaper than unnest. Partitions that grow this
-- fast have no true statistics: the settings tell the planner what is cheap, or it reads all of them.
DROP FUNCTION hours_of_readings(integer[], timestamptz, timestamptz);
CREATE FUNCTION hours_of_readings(batches integer[], from_time timestamptz, until_time timestamptz)
RETURNS TABLE (hour timestamptz, series_id integer, "position" smallint, readings bigint,
               first_at timestamptz, last_at timestamptz, scaled_total float8, lowest float8, highest float8, last_received_at timestamptz)
LANGUAGE sql STABLE PARALLEL RESTRICTED SET enable_seqscan = off SET enable_sort = off SET work_mem = '64MB' SET jit = off AS $$
    WITH chosen AS NOT MATERIALIZED (
        SELECT reading.series_id, date_bin('1 hour', reading.at, timestamptz '2000-01-01 00:00:00+00') AS hour, reading.at, reading.received_at, reading."values"
        FROM reading
        WHERE reading.at >= from_time AND reading.at < until_time
          -- Not coalesce: where row security holds, PostgreSQL trusts it too little to look into the index with it.
          AND reading.batch_id >= CASE WHEN batches IS NULL THEN 0 ELSE (SELECT min(b) FROM unnest(batches) AS b) END
          AND reading.batch_id <= CASE WHEN batches IS NULL THEN 2147483647 ELSE (SELECT max(b) FROM unnest(batches) AS b) END
          AND (batches IS NULL OR reading.batch_id IN (SELECT unnest(batches)))
    )
    SELECT narrow.hour, narrow.series_id, metric."position", narrow.readings, narrow.first_at, narrow.last_at,
           metric.scaled_total, metric.lowest, metric.highest, narrow.last_received_at
    FROM (
        SELECT hour, series_id, count(*) AS readings, min(at) AS first_at, max(at) AS last_at, max(received_at) AS last_received_at,
               sum(scaled(value_1)) AS total_1, min(value_1) AS lowest_1, max(value_1) AS highest_1,
               sum(scaled(value_2)) AS total_2, min(value_2) AS lowest_2, max(value_2) AS highest_2,
               sum(scaled(value_3)) AS total_3, min(value_3) AS lowest_3, max(value_3) AS highest_3,
               sum(scaled(value_4)) AS total_4, min(value_4) AS lowest_4, max(value_4) AS highest_4
        FROM (
            -- OFFSET 0 keeps the planner from looking up each value three times.
            SELECT hour, series_id, at, received_at, "values"[1] AS value_1, "values"[2] AS value_2, "values"[3] AS value_3, "values"[4] AS value_4
            FROM chosen OFFSET 0
        ) AS picked
        GROUP BY hour, series_id
    ) AS narrow
    CROSS JOIN LATERAL (VALUES (1::smallint, total_1, lowest_1, highest_1), (2::smallint, total_2, lowest_2, highest_2),
                               (3::smallint, total_3, lowest_3, highest_3), (4::smallint, total_4, lowest_4, highest_4)
    ) AS metric ("position", scaled_total, lowest, highest)
    WHERE metric.scaled_total IS NOT NULL
    UNION ALL
    SELECT hour, series_id, (4 + metric."position")::smallint, count(*), min(at), max(at),
           sum(scaled(metric.value)), min(metric.value), max(metric.value), max(received_at)
    FROM chosen CROSS JOIN LATERAL unnest("values"[5:]) WITH ORDINALITY AS metric (value, "position")
    -- The first condition spares a second look at the readings where no series is that wide.
    WHERE EXISTS (SELECT FROM series WHERE cardinality(metrics) > 4) AND cardinality("values") > 4
    GROUP BY hour, series_id, metric."position"
$$;

-- Adds to rollup_hour, rollup_month and rollup_total, an array a column; in the order of their keys, so that two callers never
-- wait for each other in a ring. What is cheap for readings is not for the join with series: hence the settings.
DROP FUNCTION add_rollups(timestamptz[], integer[], smallint[], bigint[], timestamptz[], timestamptz[], float8[], float8[], float8[]);
CREATE FUNCTION add_rollups(hours timestamptz[], series_ids integer[], positions smallint[], counts bigint[], first_times timestamptz[],
                            last_times timestamptz[], scaled_totals float8[], lows float8[], highs float8[], last_received_times timestamptz[]) RETURNS void
LANGUAGE sql SET enable_seqscan = on SET enable_sort = on AS $$
    INSERT INTO rollup_hour AS known (hour, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    SELECT * FROM unnest(hours, series_ids, positions, counts, first_times, last_times, scaled_totals, lows, highs, last_received_times)
        AS given (hour, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    ORDER BY hour, series_id, "position"
    ON CONFLICT (hour, series_id, "position") DO UPDATE SET
        readings = known.readings + excluded.readings,
        first_at = least(known.first_at, excluded.first_at),
        last_at = greatest(known.last_at, excluded.last_at),
        scaled_total = known.scaled_total + excluded.scaled_total,
        lowest = least(known.lowest, excluded.lowest),
        highest = greatest(known.highest, excluded.highest),
        last_received_at = greatest(known.last_received_at, excluded.last_received_at);
    INSERT INTO rollup_month AS known (month, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    SELECT date_trunc('month', hour, 'UTC') AS month, series_id, "position", sum(readings), min(first_at), max(last_at),
           sum(scaled_total), min(lowest), max(highest), max(last_received_at)
    FROM unnest(hours, series_ids, positions, counts, first_times, last_times, scaled_totals, lows, highs, last_received_times)
        AS given (hour, series_id, "position", readings, first_at, last_at, scaled_total, lowest, highest, last_received_at)
    GROUP BY series_id, "position", month
    ORDER BY series_id, "position", month
    ON CONFLICT (series_id, "position", month) DO UPDATE SET
        readings = known.readings + excluded.readings,
        first_at = least(known.first_at, excluded.first_at),
        last_at = greatest(known.last_at, excluded.last_at),
        scaled_total = known.scaled_total + excluded.scaled_total,
        lowest = least(known.lowest, excluded.lowest),
        highest = greatest(known.highest, excluded.highest),
        last_received_at = greatest(known.last_received_at, excluded.last_received_at);
    INSERT INTO rollup_total AS known (tenant, hour, metric, readings, events, scaled_total, lowest, highest)
    SELECT tenant, hour, metrics["position"], sum(readings), coalesce(sum(readings) FILTER (WHERE "position" = 1), 0), sum(scaled_total), min(lowest), max(highest)
    FROM unnest(hours, series_ids, positions, counts, scaled_totals, lows, highs) AS given (hour, series_id, "position", readings, scaled_total, lowest, highest)
    JOIN series USING (series_id)
    GROUP BY tenant, hour, metrics["position"]
    ORDER BY tenant, hour, metrics["position"]
    ON CONFLICT (tenant, hour, metric) DO UPDATE SET
        readings = known.readings + excluded.readings,
        events = known.events + excluded.events,
        scaled_total = known.scaled_total + excluded.scaled_total,
        lowest = least(known.lowest, excluded.lowest),
        highest = greatest(known.highest, excluded.highest);
    INSERT INTO fast_clock AS known (series_id, last_at, last_received_at)
    SELECT series_id, max(last_at), max(last_received_at)
    FROM unnest(series_ids, positions, last_times, last_received_times) AS given (series_id, "position", last_at, last_received_at)
    WHERE "position" = 1 AND last_at > last_received_at + clock_tolerance()
    GROUP BY series_id
    ORDER BY series_id
    ON CONFLICT (series_id) DO UPDATE SET
        last_at = greatest(known.last_at, excluded.last_at),
        last_received_at = greatest(known.last_received_at, excluded.last_received_at);
$$;

-- Rolls up the oldest batches that nobody was about to roll up, or did not within the time "left_for", at most so many; answers
-- how many it was. One caller at a time does it, the others get 0.
CREATE OR REPLACE FUNCTION roll_up_batches(most integer, left_for interval) RETURNS integer
LANGUAGE plpgsql SET enable_seqscan = off SET enable_sort = off SET work_mem = '64MB' SET jit = off AS $$
DECLARE
    chosen integer[];
    earliest timestamptz;
    latest timestamptz;
    end_time timestamptz;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('roll_up_batches')) THEN
        RETURN 0;
    END IF;
    SELECT min(first_at), max(last_at) INTO earliest, latest
    FROM (SELECT first_at, last_at FROM batch WHERE NOT rolled_up
          UNION ALL (SELECT first_at, last_at FROM batch ORDER BY batch_id DESC LIMIT 100)) AS lately;
    PERFORM sum_up_pages(earliest, latest);
    SELECT array_agg(batch_id), min(first_at), max(last_at) INTO chosen, earliest, latest
    FROM (SELECT * FROM batch WHERE NOT rolled_up AND NOT (in_memory AND stored_at > now() - left_for)
          ORDER BY batch_id LIMIT most FOR UPDATE SKIP LOCKED) AS waiting;
    IF chosen IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM make_rollup_partitions(earliest, latest);
    -- Computed here: in the statement it would be computed for each reading.
    end_time := latest + interval '1 microsecond';
    PERFORM add_rollups(array_agg(hour), array_agg(series_id), array_agg("position"), array_agg(readings), array_agg(first_at),
                        array_agg(last_at), array_agg(scaled_total), array_agg(lowest), array_agg(highest),
                        array_agg(last_received_at))
    FROM hours_of_readings(chosen, earliest, end_time);
    UPDATE batch SET rolled_up = true WHERE batch_id = ANY (chosen);
    RETURN cardinality(chosen);
END $$;

-- The newest readings of some sensors and locations, and with some metric (null: of all); at least as many as asked for, if there are, and in no order.
-- A reading whose clock is ahead does not count as new for as long as its time lies in the future, but from its receipt on: see sort_time(). So the
-- readings up to now are walked from the newest back until there are enough that did not come early, a partition at a time, because to
-- prepare for all of them takes longer than to find the readings in the newest one. Then come those from the future.
CREATE OR REPLACE FUNCTION newest_readings(sensors text[], locations text[], metric text, most integer)
RETURNS TABLE (series_id integer, sensor_id text, location text, metrics text[], at timestamptz, received_at timestamptz, "values" float8[], attributes jsonb)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    future timestamptz := now() + clock_tolerance();
    oldest timestamptz := '-infinity';
    in_time integer := 0;
    walked integer := 0;
    skipped integer;
    wanted integer;
    answered integer;
    listed record;
BEGIN
    <<walk>>
    FOR listed IN SELECT from_time, least(until_time, future) AS until_time FROM reading_partition WHERE from_time < future ORDER BY from_time DESC LOOP
        skipped := 0;
        LOOP
            wanted := CASE skipped WHEN 0 THEN most - in_time ELSE most END;
            answered := 0;
            FOR series_id, sensor_id, location, metrics, at, received_at, "values", attributes IN
                SELECT * FROM readings_in_order(sensors, locations, newest_readings.metric, listed.from_time, listed.until_time, true, 2 * most) LIMIT wanted OFFSET skipped
            LOOP
                RETURN NEXT;
                answered := answered + 1;
                IF at <= received_at + clock_tolerance() THEN
                    in_time := in_time + 1;
                END IF;
            END LOOP;
            walked := walked + answered;
            -- Where nearly all clocks are fast, those from the future are enough.
            IF in_time >= most OR walked >= 20 * most THEN
                oldest := at;
                EXIT walk;
            END IF;
            EXIT WHEN answered < wanted;
            skipped := skipped + answered;
        END LOOP;
    END LOOP;
    RETURN QUERY
    SELECT named.series_id, named.sensor_id, named.location, named.metrics, ahead.at, ahead.received_at, ahead."values", ahead.attributes
    FROM (
        -- So many newest readings come from as many series at most: those with the latest receipts.
        SELECT chosen.series_id, chosen.sensor_id, chosen.location, chosen.metrics
        FROM fast_clock JOIN series AS chosen USING (series_id)
        CROSS JOIN LATERAL (SELECT reading.received_at FROM reading WHERE reading.series_id = fast_clock.series_id AND reading.at >= future
                            ORDER BY reading.at DESC LIMIT 1) AS newest
        -- It may have sent more by now than is in the statistics.
        WHERE fast_clock.last_at >= future AND fast_clock.last_received_at > oldest - interval '1 minute'
          AND (sensors IS NULL OR chosen.sensor_id = ANY (sensors)) AND (locations IS NULL OR chosen.location = ANY (locations))
          AND (newest_readings.metric IS NULL OR newest_readings.metric = ANY (chosen.metrics))
        ORDER BY newest.received_at DESC LIMIT most
    ) AS named
    CROSS JOIN LATERAL (SELECT * FROM reading WHERE reading.series_id = named.series_id AND reading.at >= future ORDER BY reading.at DESC LIMIT most) AS ahead
    WHERE ahead.received_at >= oldest;
END $$;

-- The time by which a reading is new: its own, or that of its receipt if the clock of the sensor is fast.
CREATE FUNCTION sort_time(at timestamptz, received_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN at <= received_at + clock_tolerance() THEN at ELSE received_at END;

-- The partition of reading that a time gets where it has no neighbours. Late readings are few and can be of any age: wider partitions for
-- older times keep the number of partitions small.
CREATE FUNCTION usual_partition(wanted timestamptz, width interval) RETURNS TABLE (from_time timestamptz, until_time timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT begun.start, (begun.start AT TIME ZONE 'UTC' + CASE WHEN unit IS NULL THEN width ELSE ('1 ' || unit)::interval END) AT TIME ZONE 'UTC'
    FROM (SELECT CASE WHEN wanted < now() - interval '2 years' THEN 'year' WHEN wanted < now() - interval '2 months' THEN 'month' END AS unit) AS chosen
    CROSS JOIN LATERAL (SELECT CASE WHEN unit IS NULL THEN date_bin(width, wanted, timestamptz '2000-01-01 00:00:00+00')
                                    ELSE date_trunc(unit, wanted, 'UTC') END AS start) AS begun
$$;

-- Makes the partitions that readings at these times need and that are not there yet; answers how many it made. What belongs to a
-- partition that is being dropped waits until it has gone.
CREATE OR REPLACE FUNCTION make_reading_partitions(times timestamptz[], width interval) RETURNS integer
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    wanted timestamptz;
    lower_bound timestamptz;
    upper_bound timestamptz;
    partition_name text;
    made integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM unnest(times) AS t WHERE NOT EXISTS (
        SELECT FROM reading_partition WHERE t >= from_time AND t < until_time AND NOT leaving)) THEN
        RETURN 0;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('make_reading_partitions'));
    FOR wanted IN SELECT DISTINCT t FROM unnest(times) AS t ORDER BY t LOOP
        SELECT name INTO partition_name FROM reading_partition WHERE wanted >= from_time AND wanted < until_time AND leaving;
        IF FOUND THEN
            RAISE EXCEPTION 'Partition % has expired and is being dropped; what it should store waits until it has gone', partition_name
                USING ERRCODE = 'object_in_use';
        END IF;
        CONTINUE WHEN EXISTS (SELECT FROM reading_partition WHERE wanted >= from_time AND wanted < until_time);
        SELECT from_time, until_time INTO lower_bound, upper_bound FROM usual_partition(wanted, width);
        -- Where the width was another before, the new partition ends at its neighbours.
        lower_bound := greatest(lower_bound, (SELECT max(until_time) FROM reading_partition WHERE until_time <= wanted));
        upper_bound := least(upper_bound, (SELECT min(from_time) FROM reading_partition WHERE from_time > wanted));
        partition_name := 'reading_' || to_char(lower_bound, 'YYYYMMDD_HH24');
        -- Made apart and then attached: that does not lock out who reads or writes the other partitions.
        EXECUTE format('CREATE TABLE %I (LIKE reading INCLUDING ALL)', partition_name);
        EXECUTE format('ALTER TABLE reading ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                       partition_name, lower_bound, upper_bound);
        INSERT INTO reading_partition VALUES (partition_name, lower_bound, upper_bound);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- What the REST API's list shows of a dead letter.
CREATE OR REPLACE FUNCTION dead_letter_json(letter dead_letter) RETURNS json
LANGUAGE sql STABLE
RETURN (SELECT row_to_json(shown) FROM (SELECT
    letter.id AS id, iso_8601(letter.refused_at) AS "time", iso_8601(letter.received_at) AS received_at,
    letter.topic AS topic, letter."partition" AS "partition", letter."offset" AS "offset",
    text_of(letter.key) AS key, CASE WHEN text_of(letter.key) IS NULL THEN base64_of(letter.key) END AS key_base64,
    letter.reason AS reason, octet_length(letter.value) AS size, preview_of(letter.value, 200) AS preview,
    letter.status AS status, letter.replays AS replays, iso_8601(letter.replayed_at) AS replayed_at,
    letter.replay_error AS replay_error, letter.replay_of AS replay_of) AS shown);
