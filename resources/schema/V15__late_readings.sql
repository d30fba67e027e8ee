-- Where alert rules have to be evaluated once more, because readings came late.

CREATE TABLE alert_late (
    tenant      text,
    sensor_id   text COLLATE "C",
    topic       text,
    "partition" integer,
    next_offset bigint NOT NULL,
    from_at     timestamptz NOT NULL,
    until_at    timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    first_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    claimed_at  timestamptz,
    PRIMARY KEY (tenant, sensor_id, topic, "partition")
);
COMMENT ON TABLE alert_late IS 'Spans of readings that came late. Saved together with the position of their partition, and deleted once the alerts that they make are published';
COMMENT ON COLUMN alert_late.next_offset IS 'The readings are stored once the store has the partition up to there';
COMMENT ON COLUMN alert_late.received_at IS 'When Kafka received the first of them: later rules do not apply';
COMMENT ON COLUMN alert_late.claimed_at IS 'Since when a program evaluates them, or null';
