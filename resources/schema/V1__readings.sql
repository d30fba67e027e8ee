-- Readings, in the shape that is cheapest to write: a number for each series, an array of values for each reading,
-- partitions by time. The views further down give people the flat shapes that they expect.

CREATE TABLE tenant (
    tenant     text PRIMARY KEY CHECK (tenant ~ '^[a-z0-9-]{1,63}$'),
    created_at timestamptz NOT NULL DEFAULT now()
);

-- A fingerprint, because an index cannot hold a thousand metrics.
CREATE FUNCTION series_fingerprint(tenant text, sensor_id text, location text, metrics text[]) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(convert_to(jsonb_build_array(tenant, sensor_id, location, metrics)::text, 'UTF8'));

CREATE TABLE series (
    series_id  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant     text NOT NULL REFERENCES tenant,
    sensor_id  text NOT NULL,
    location   text,
    metrics    text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    fingerprint bytea NOT NULL GENERATED ALWAYS AS (series_fingerprint(tenant, sensor_id, location, metrics)) STORED,
    CONSTRAINT series_identity UNIQUE (fingerprint)
);
CREATE INDEX series_by_sensor ON series (tenant, sensor_id);
COMMENT ON TABLE series IS 'The same sensor of the same tenant at the same location with the same metrics';
COMMENT ON COLUMN series.metrics IS 'Names in ascending order; a reading has a value for each, in this order';

CREATE TABLE batch (
    batch_id  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    offsets   jsonb NOT NULL,
    records   integer NOT NULL,
    readings  integer NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE batch IS 'Ledger of what was stored, written with the readings in one transaction';
COMMENT ON COLUMN batch.offsets IS 'First and last offset by topic and partition: {"sensor-data/0": [17, 42]}';
COMMENT ON COLUMN batch.records IS 'Readings in the batch, repeated ones included';
COMMENT ON COLUMN batch.readings IS 'Readings that were new';

-- The order of the columns lets the two integers share one aligned word.
CREATE TABLE reading (
    series_id   integer NOT NULL,
    batch_id    integer NOT NULL,
    at          timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    "values"    float8[] NOT NULL,
    attributes  jsonb,
    CONSTRAINT reading_identity PRIMARY KEY (series_id, at)
) PARTITION BY RANGE (at);
COMMENT ON COLUMN reading.at IS 'The device''s time';
COMMENT ON COLUMN reading.received_at IS 'When Kafka received it';

-- Rows are appended batch by batch, so this index costs almost nothing; rollups find a batch's readings by it.
CREATE INDEX reading_batch ON reading USING brin (batch_id) WITH (pages_per_range = 16);

CREATE TABLE reading_partition (
    name       text PRIMARY KEY,
    from_time  timestamptz NOT NULL UNIQUE,
    until_time timestamptz NOT NULL CHECK (until_time > from_time)
);
COMMENT ON TABLE reading_partition IS 'The partitions of reading; they can differ in width but never overlap';

-- Makes the partitions that readings at these times need and that are not there yet; answers how many it made.
CREATE FUNCTION make_reading_partitions(times timestamptz[], width interval) RETURNS integer
LANGUAGE plpgsql SET timezone = 'UTC' AS $$
DECLARE
    wanted timestamptz;
    lower_bound timestamptz;
    upper_bound timestamptz;
    partition_name text;
    made integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM unnest(times) AS t WHERE NOT EXISTS (
        SELECT FROM reading_partition WHERE t >= from_time AND t < until_time)) THEN
        RETURN 0;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('make_reading_partitions'));
    FOR wanted IN SELECT DISTINCT t FROM unnest(times) AS t ORDER BY t LOOP
        CONTINUE WHEN EXISTS (SELECT FROM reading_partition WHERE wanted >= from_time AND wanted < until_time);
        -- Late readings are few and can be of any age: wider partitions for older times keep the number of partitions small.
        lower_bound := CASE WHEN wanted < now() - interval '2 years' THEN date_trunc('year', wanted, 'UTC')
                            WHEN wanted < now() - interval '2 months' THEN date_trunc('month', wanted, 'UTC')
                            ELSE date_bin(width, wanted, timestamptz '2000-01-01 00:00:00+00') END;
        upper_bound := CASE WHEN wanted < now() - interval '2 years' THEN lower_bound + interval '1 year'
                            WHEN wanted < now() - interval '2 months' THEN lower_bound + interval '1 month'
                            ELSE lower_bound + width END;
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

-- A row a reading, with names.
CREATE VIEW readings WITH (security_invoker = true) AS
SELECT s.tenant, s.sensor_id, s.location, r.at, r.received_at, s.metrics, r."values", r.attributes, r.series_id, r.batch_id
FROM reading r JOIN series s USING (series_id);

-- A row a metric of a reading.
CREATE VIEW measurements WITH (security_invoker = true) AS
SELECT r.tenant, r.sensor_id, r.location, r.at, m.metric, m.value, r.series_id
FROM readings r CROSS JOIN LATERAL unnest(r.metrics, r."values") AS m (metric, value);

-- A time as the REST API writes it.
CREATE FUNCTION iso_8601(at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- One object with the fields of both, in their order.
CREATE FUNCTION json_merge(first json, second json) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT json_object_agg(field.key, field.value)
        FROM (SELECT key, value FROM json_each(first) UNION ALL SELECT key, value FROM json_each(second)) AS field);

-- A reading as the REST API writes it: its metrics beside its names.
CREATE FUNCTION reading_json(sensor_id text, location text, at timestamptz, received_at timestamptz,
                             metrics text[], metric_values float8[], attributes jsonb) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN json_merge(
    json_build_object('sensor_id', sensor_id, 'location', location,
                      'timestamp', iso_8601(at), 'received_at', iso_8601(received_at)),
    (SELECT json_object_agg(field.key, field.value)
     FROM (SELECT m.key, to_json(m.value) AS value FROM unnest(metrics, metric_values) AS m (key, value)
           UNION ALL SELECT 'attributes', attributes::json WHERE attributes IS NOT NULL) AS field));
