-- What the pipeline tells about its work.

CREATE TABLE progress (
    tenant          text PRIMARY KEY,
    lag             bigint NOT NULL,
    readings_kept   interval NOT NULL,
    statistics_kept interval NOT NULL,
    most_sensors    integer NOT NULL,
    most_metrics    integer NOT NULL,
    seen_at         timestamptz NOT NULL
);
COMMENT ON TABLE progress IS 'What a consumer saw of its work last, for those who cannot ask Kafka';
COMMENT ON COLUMN progress.lag IS 'Records of this tenant in Kafka that were not stored yet';
COMMENT ON COLUMN progress.most_sensors IS 'Limit of its sensors';
COMMENT ON COLUMN progress.most_metrics IS 'Limit of the metrics of a sensor';

-- Updated with each batch: the space lets an update stay in its page.
CREATE TABLE stored_position (
    consumer_group text NOT NULL,
    topic          text NOT NULL,
    "partition"    integer NOT NULL,
    next_offset    bigint NOT NULL,
    stored_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer_group, topic, "partition")
) WITH (fillfactor = 50);
COMMENT ON TABLE stored_position IS 'How far the partitions of Kafka are stored in this database. It is compared with the offsets in Kafka, so that a restored backup gets what it lacks';
COMMENT ON COLUMN stored_position.next_offset IS 'Offset of the first record that is not stored';
COMMENT ON COLUMN stored_position.stored_at IS 'When it advanced last';

CREATE TABLE lost_records (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant          text NOT NULL,
    topic           text NOT NULL,
    "partition"     integer NOT NULL,
    first_offset    bigint NOT NULL,
    last_offset     bigint NOT NULL,
    most_records    bigint NOT NULL GENERATED ALWAYS AS (last_offset - first_offset + 1) STORED,
    stored_at       timestamptz NOT NULL,
    noticed_at      timestamptz NOT NULL DEFAULT now(),
    acknowledged_at timestamptz
);
COMMENT ON TABLE lost_records IS 'Records that Kafka deleted before they were stored';
COMMENT ON COLUMN lost_records.most_records IS 'At most so many, because not each offset is that of a record';
COMMENT ON COLUMN lost_records.stored_at IS 'When the records before them were stored';
CREATE INDEX lost_records_to_acknowledge ON lost_records (tenant) WHERE acknowledged_at IS NULL;
