-- Readings, in the shape that is cheapest to write: an id for each series, an array of values for each reading, partitions by time.
-- The views in functions/ give people the flat shapes that they expect.

CREATE TABLE tenant (
    tenant     text PRIMARY KEY CHECK (tenant ~ '^[a-z0-9-]{1,63}$'),
    series     integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN tenant.series IS 'Number of its series, for the limit';

CREATE TABLE tenant_limit (
    tenant  text PRIMARY KEY CHECK (tenant ~ '^[a-z0-9-]{1,63}$'),
    sensors integer CHECK (sensors > 0),
    metrics integer CHECK (metrics BETWEEN 1 AND 900)
);
COMMENT ON TABLE tenant_limit IS 'A tenant''s own limits in place of LIMIT_SENSORS and LIMIT_METRICS, which hold where it has null; it need not have sent a reading';
COMMENT ON COLUMN tenant_limit.sensors IS 'Maximum number of sensors; one at two locations counts twice';
COMMENT ON COLUMN tenant_limit.metrics IS 'Maximum number of metrics of a sensor; more values do not fit in a page';

-- Text without the differences that a search ignores: upper and lower case (also of ß and ss, σ and ς, and the dotted and the dotless i), and
-- compatible forms of the same characters (composed or decomposed, wide or narrow). By Unicode's tables in PostgreSQL, whatever the locale.
CREATE FUNCTION case_folded(given text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(given) = char_length(given) THEN lower(given COLLATE "C") COLLATE pg_c_utf8 -- ASCII: the same, and ten times as fast
            ELSE replace(replace(lower(upper(normalize(given, NFKC) COLLATE pg_c_utf8)), 'ß', 'ss'), U&'i\0307', 'i') END;

CREATE TABLE series (
    series_id   integer PRIMARY KEY,
    tenant      text NOT NULL,
    -- In the order of their code points, whatever the locale: so the index has the order of lists.
    sensor_id   text COLLATE "C" NOT NULL,
    location    text COLLATE "C",
    metrics     text[] NOT NULL,
    group_id    integer NOT NULL,
    is_further  boolean NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    search_text text NOT NULL GENERATED ALWAYS AS (case_folded(sensor_id || E'\n' || coalesce(location, ''))) STORED,
    CONSTRAINT series_identity UNIQUE NULLS NOT DISTINCT (tenant, sensor_id, location)
);
-- Sensors with more than one series are found here, so that to count the others is to count series.
CREATE INDEX series_further ON series (tenant, sensor_id) WHERE is_further;
CREATE TABLE series_counter (
    last_number integer NOT NULL,
    last_group  integer NOT NULL,
    deletions   integer NOT NULL DEFAULT 0
);
INSERT INTO series_counter VALUES (0, 0);
COMMENT ON TABLE series_counter IS 'The last number that a series has got, and the last one of a group. Unlike a sequence it gives none away in transactions that fail';
COMMENT ON COLUMN series_counter.deletions IS 'How often series were deleted';
COMMENT ON TABLE series IS 'A sensor of a tenant at a location';
COMMENT ON COLUMN series.metrics IS 'Names of all metrics that it ever sent, at the position that their values have in its readings; names are only appended';
COMMENT ON COLUMN series.tenant IS 'In the table tenant; not a foreign key, which would be looked up for each new series: number_series() is the only writer';
COMMENT ON COLUMN series.group_id IS 'Its group of the kind "location", or "others"; not a foreign key either';
COMMENT ON COLUMN series.is_further IS 'Whether its sensor had another series when it was made';
COMMENT ON COLUMN series.search_text IS 'Sensor and location as searches compare them; no search contains the line feed between them';

CREATE TABLE series_group (
    group_id integer PRIMARY KEY,
    tenant   text NOT NULL REFERENCES tenant,
    kind     text NOT NULL CHECK (kind IN ('all', 'location', 'others')),
    location text COLLATE "C" CHECK (location IS NULL OR kind = 'location'),
    CONSTRAINT series_group_identity UNIQUE NULLS NOT DISTINCT (tenant, kind, location)
);
COMMENT ON TABLE series_group IS 'Series of a tenant whose readings are added up together: all of them, those of one location, and the others if there are too many locations';

CREATE TYPE asked_series AS (
    "position"   integer,
    tenant       text,
    sensor_id    text,
    location     text,
    metrics      text[],
    most_sensors integer,
    most_metrics integer
);
COMMENT ON TYPE asked_series IS 'A series to be numbered, with the metrics that it needs and the limits of its tenant';

CREATE TABLE batch (
    batch_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    offsets   jsonb NOT NULL,
    records   integer NOT NULL,
    readings  integer NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    first_at  timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    in_memory boolean NOT NULL DEFAULT false,
    rolled_up boolean NOT NULL DEFAULT false,
    completed_series integer[],
    completed_times  timestamptz[]
);
CREATE INDEX batch_not_rolled_up ON batch (batch_id) WHERE NOT rolled_up;
COMMENT ON TABLE batch IS 'Ledger of what was stored, written with the readings in one transaction';
COMMENT ON COLUMN batch.offsets IS 'First and last offset by topic and partition: {"sensor-data/0": [17, 42]}';
COMMENT ON COLUMN batch.records IS 'Records in the batch, those that only repeat or complete a reading included; those that are merged again after a conflict count in each batch';
COMMENT ON COLUMN batch.readings IS 'Readings that were new';
COMMENT ON COLUMN batch.completed_series IS 'Series of the newest readings of earlier batches that it added to, at most 500, for the live stream';
COMMENT ON COLUMN batch.completed_times IS 'Times of these readings';
COMMENT ON COLUMN batch.first_at IS 'Time of its earliest reading';
COMMENT ON COLUMN batch.last_at IS 'Time of its latest reading';
COMMENT ON COLUMN batch.rolled_up IS 'Whether its readings are in rollup_hour';
COMMENT ON COLUMN batch.in_memory IS 'Whether who stored it is about to roll it up from memory, which then is right only if no reading of it was completed meanwhile';

-- An integer for batches would save eight bytes, but run out within weeks at a thousand batches a second. Stored plain, an array can be read where it lies; otherwise
-- each look at a value would copy all of them first.
CREATE TABLE reading (
    series_id   integer NOT NULL,
    batch_id    bigint NOT NULL,
    at          timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    "values"    float8[] STORAGE PLAIN NOT NULL,
    attributes  jsonb,
    CONSTRAINT reading_identity PRIMARY KEY (series_id, at)
) PARTITION BY RANGE (at);
COMMENT ON COLUMN reading.at IS 'The device''s time';
COMMENT ON COLUMN reading.received_at IS 'When Kafka received it; when the store did, if its topic keeps its producers'' times';
COMMENT ON COLUMN reading."values" IS 'By the positions of series.metrics; null, or nothing at the end, for metrics that the reading does not have';
COMMENT ON COLUMN reading.batch_id IS 'The batch that stored it; one that only completed it is not recorded here';

-- Rows are appended batch by batch, so this index costs almost nothing; rollups find a batch's readings by it. Of both columns, because
-- the readings of a batch are mostly of about the same time.
CREATE INDEX reading_batch ON reading USING brin (batch_id, at) WITH (pages_per_range = 16);

-- Not the row type of the table: a later version may add a column while programs of this one still run.
CREATE TYPE given_reading AS (
    series_id   integer,
    at          timestamptz,
    received_at timestamptz,
    "values"    float8[],
    attributes  jsonb
);
COMMENT ON TYPE given_reading IS 'A reading to be merged';

CREATE TYPE held_reading AS (
    "position"     bigint,
    series_id      integer,
    at             timestamptz,
    received_at    timestamptz,
    batch_id       bigint,
    "values"       float8[],
    attributes     jsonb,
    new_values     float8[],
    new_attributes jsonb,
    is_conflict    boolean
);
COMMENT ON TYPE held_reading IS 'A stored reading that is locked to be completed: what it has, and what it will have';

CREATE TABLE reading_partition (
    name       text PRIMARY KEY,
    from_time  timestamptz NOT NULL UNIQUE,
    until_time timestamptz NOT NULL CHECK (until_time > from_time),
    leaving    boolean NOT NULL DEFAULT false,
    made_at    timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE reading_partition IS 'The partitions of reading; they can differ in width but never overlap';
COMMENT ON COLUMN reading_partition.leaving IS 'It takes no more rows, and is detached and dropped as soon as nobody reads it';
