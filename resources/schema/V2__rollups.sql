-- Statistics by hour, made from the ledger: a batch is either rolled up or not, so rollups and the readings of the batches
-- that are not yet rolled up together are every reading, once, at any moment. Statistics of a month are sums of them. Totals of all sensors of
-- a tenant, and of those at a location, are written with the readings themselves, so that nobody who asks for all of them has to add up each.

-- Sums are kept of values divided by this, a power of two: no digit is lost, and the largest numbers can be added.
CREATE FUNCTION scale() RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 1099511627776::float8;

CREATE TABLE rollup_hour (
    hour             timestamptz NOT NULL,
    series_id        integer NOT NULL,
    "position"       smallint NOT NULL,
    readings         bigint NOT NULL,
    events           bigint NOT NULL,
    first_at         timestamptz NOT NULL,
    last_at          timestamptz NOT NULL,
    scaled_total     float8 NOT NULL,
    lowest           float8 NOT NULL,
    highest          float8 NOT NULL,
    last_received_at timestamptz NOT NULL,
    CONSTRAINT rollup_hour_identity PRIMARY KEY (hour, series_id, "position")
) PARTITION BY RANGE (hour);
CREATE INDEX rollup_hour_by_series ON rollup_hour (series_id, hour);
COMMENT ON TABLE rollup_hour IS 'The readings of a series in an hour that have a metric, for each of its metrics';
COMMENT ON COLUMN rollup_hour."position" IS 'Position of the metric in series.metrics, from 1';
COMMENT ON COLUMN rollup_hour.events IS 'Of the readings those that are counted here: each is counted once, at the first metric that it had when it was added up';
COMMENT ON COLUMN rollup_hour.scaled_total IS 'Sum of the values, each divided by 2^40: no digit is lost, and the largest numbers can be added';
COMMENT ON COLUMN rollup_hour.last_received_at IS 'When Kafka received the reading that came last';

-- Not the row type of the table: a later version may add a column while programs of this one still run.
CREATE TYPE hour_rollup AS (
    hour             timestamptz,
    series_id        integer,
    "position"       smallint,
    readings         bigint,
    events           bigint,
    first_at         timestamptz,
    last_at          timestamptz,
    scaled_total     float8,
    lowest           float8,
    highest          float8,
    last_received_at timestamptz
);
COMMENT ON TYPE hour_rollup IS 'A row to be added to rollup_hour';

CREATE TABLE rollup_partition (
    name       text PRIMARY KEY,
    from_time  timestamptz NOT NULL UNIQUE,
    until_time timestamptz NOT NULL CHECK (until_time > from_time),
    leaving    boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE rollup_partition IS 'The partitions of rollup_hour, a month each';
COMMENT ON COLUMN rollup_partition.leaving IS 'It takes no more rows, and is detached and dropped as soon as nobody reads it';

CREATE TABLE rollup_month (
    month            timestamptz NOT NULL,
    series_id        integer NOT NULL,
    "position"       smallint NOT NULL,
    readings         bigint NOT NULL,
    events           bigint NOT NULL,
    first_at         timestamptz NOT NULL,
    last_at          timestamptz NOT NULL,
    scaled_total     float8 NOT NULL,
    lowest           float8 NOT NULL,
    highest          float8 NOT NULL,
    last_received_at timestamptz NOT NULL,
    CONSTRAINT rollup_month_identity PRIMARY KEY (series_id, "position", month)
    -- Rows change while their month lasts: room in each page lets a new version stay beside the old one.
) WITH (fillfactor = 50);
COMMENT ON TABLE rollup_month IS 'The readings of a series in a month (UTC), for each of its metrics: the sum of its rows in rollup_hour up to rollup_watermark';
COMMENT ON COLUMN rollup_month.last_received_at IS 'When Kafka received the reading that came last';

-- While an hour lasts, its rows change with each write of the rollups. Those of the month change only when it is over.
CREATE TABLE rollup_watermark (
    hour      timestamptz NOT NULL,
    series_id integer NOT NULL
);
INSERT INTO rollup_watermark VALUES (date_trunc('hour', now(), 'UTC'), 0);
COMMENT ON TABLE rollup_watermark IS 'One row: rows of rollup_hour up to this hour and, in it, this series are in rollup_month, later ones are not. Who adds rollups locks it in share mode';

-- Narrow, so that it costs little to look at all of them; not a foreign key, which would be looked up for each new series.
CREATE TABLE series_activity (
    series_id        integer PRIMARY KEY,
    tenant           text NOT NULL,
    last_at          timestamptz NOT NULL,
    last_received_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE series_activity IS 'Series that have rows in rollup_hour: the latest time in them, and when something of them was last received';

CREATE TABLE rollup_total (
    group_id         integer NOT NULL,
    hour             timestamptz NOT NULL,
    metric           text NOT NULL,
    readings         bigint NOT NULL,
    events           bigint NOT NULL,
    first_at         timestamptz NOT NULL,
    last_at          timestamptz NOT NULL,
    scaled_total     float8 NOT NULL,
    lowest           float8 NOT NULL,
    highest          float8 NOT NULL,
    last_received_at timestamptz NOT NULL,
    CONSTRAINT rollup_total_identity PRIMARY KEY (group_id, hour, metric)
    -- Rows change while their hour lasts: room in each page lets a new version stay beside the old one.
) WITH (fillfactor = 50);
COMMENT ON TABLE rollup_total IS 'The readings of all series of a group in an hour, for each metric, without those in pending_total';
COMMENT ON COLUMN rollup_total.events IS 'Of the readings those that are counted here, so each reading is one event';

CREATE TABLE rollup_total_month (
    group_id         integer NOT NULL,
    month            timestamptz NOT NULL,
    metric           text NOT NULL,
    readings         bigint NOT NULL,
    events           bigint NOT NULL,
    first_at         timestamptz NOT NULL,
    last_at          timestamptz NOT NULL,
    scaled_total     float8 NOT NULL,
    lowest           float8 NOT NULL,
    highest          float8 NOT NULL,
    last_received_at timestamptz NOT NULL,
    CONSTRAINT rollup_total_month_identity PRIMARY KEY (group_id, month, metric)
) WITH (fillfactor = 50);
COMMENT ON TABLE rollup_total_month IS 'The readings of all series of a group in a month (UTC), for each metric: the sum of its rows in rollup_total';

CREATE TYPE hour_total AS (
    group_id         integer,
    hour             timestamptz,
    metric           text,
    readings         bigint,
    events           bigint,
    first_at         timestamptz,
    last_at          timestamptz,
    scaled_total     float8,
    lowest           float8,
    highest          float8,
    last_received_at timestamptz
);
COMMENT ON TYPE hour_total IS 'What is to be added to rollup_total';

-- A row for each batch and tenant. Rows are only added and deleted, so that batches that are stored at the same time do not wait for each other.
CREATE TABLE pending_total (
    tenant    text NOT NULL,
    last_hour timestamptz NOT NULL,
    totals    hour_total[] STORAGE EXTERNAL NOT NULL
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
COMMENT ON TABLE pending_total IS 'What batches add to rollup_total, written with their readings in one transaction; moved there every few seconds';
COMMENT ON COLUMN pending_total.last_hour IS 'The latest hour of the totals';
COMMENT ON COLUMN pending_total.totals IS 'Of the groups of locations and others; those of all are their sums';

-- Of nearly all series there is no row, so that it costs next to nothing.
CREATE TABLE fast_clock (
    series_id        integer PRIMARY KEY REFERENCES series ON DELETE CASCADE,
    last_at          timestamptz NOT NULL,
    last_received_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE fast_clock IS 'Series with readings whose time is ahead of their receipt by more than clock_tolerance()';
COMMENT ON COLUMN fast_clock.last_at IS 'The latest time of these readings';
COMMENT ON COLUMN fast_clock.last_received_at IS 'When Kafka received the last of them';

-- Of nearly all series there is no row either, and of none there are more than it has metrics.
CREATE TABLE text_for_number (
    series_id        integer REFERENCES series ON DELETE CASCADE,
    "position"       smallint,
    readings         bigint NOT NULL,
    last_at          timestamptz NOT NULL,
    last_received_at timestamptz NOT NULL,
    PRIMARY KEY (series_id, "position")
) WITH (fillfactor = 50);
COMMENT ON TABLE text_for_number IS 'Readings that have text where a number usually is: an attribute with the name of a metric of their series';
COMMENT ON COLUMN text_for_number."position" IS 'Position of the metric in series.metrics, from 1';
COMMENT ON COLUMN text_for_number.readings IS 'Number of these readings so far; retention does not lower it';
COMMENT ON COLUMN text_for_number.last_at IS 'The latest time of these readings';
COMMENT ON COLUMN text_for_number.last_received_at IS 'When the last of them was received';
