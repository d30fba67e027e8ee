-- Records that are no reading, as they came and with what was wrong, to be looked at and replayed.

CREATE TABLE dead_letter (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant       text NOT NULL,
    topic        text NOT NULL,
    "partition"  integer NOT NULL,
    "offset"     bigint NOT NULL,
    received_at  timestamptz NOT NULL,
    record_time  bigint NOT NULL,
    refused_at   timestamptz NOT NULL,
    reason       text NOT NULL,
    key          bytea,
    key_start    bytea GENERATED ALWAYS AS (substr(key, 1, 200)) STORED,
    value        bytea,
    headers      json NOT NULL,
    status       text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'replaying', 'replayed')),
    replays      integer NOT NULL DEFAULT 0,
    replayed_at  timestamptz,
    replay_error text,
    leased_until timestamptz,
    replay_of    bigint,
    -- A topic that is deleted and made again begins at offset 0.
    CONSTRAINT dead_letter_identity UNIQUE (topic, "partition", "offset", record_time)
);
COMMENT ON COLUMN dead_letter.tenant IS 'Not in table tenant unless a reading of it was stored';
COMMENT ON COLUMN dead_letter.received_at IS 'When Kafka received it; when the store did, if its topic keeps its producers'' times';
COMMENT ON COLUMN dead_letter.record_time IS 'The record''s time in Kafka, in milliseconds since 1970, which is the same in each delivery; a producer can choose any number';
COMMENT ON COLUMN dead_letter.key_start IS 'A key can be longer than an entry of an index';
COMMENT ON COLUMN dead_letter.value IS 'Null for a record without a value';
COMMENT ON COLUMN dead_letter.headers IS 'In their order: [name, value in Base64 or null]; jsonb could not hold a NUL in a name';
COMMENT ON COLUMN dead_letter.status IS 'waiting, until someone asks to replay it: replaying; once Kafka has it again: replayed';
COMMENT ON COLUMN dead_letter.replays IS 'How often Kafka got it again';
COMMENT ON COLUMN dead_letter.replay_error IS 'Why Kafka refused it when it was replayed last';
COMMENT ON COLUMN dead_letter.leased_until IS 'Until then one consumer is about to replay it';
COMMENT ON COLUMN dead_letter.replay_of IS 'The first failure of the same record, if this is that of a replay; it may be gone';

-- The list, newest first, by what it is filtered by. The text of a reason is looked for in the rows.
CREATE INDEX dead_letter_time ON dead_letter (tenant, refused_at, id);
CREATE INDEX dead_letter_status ON dead_letter (tenant, status, refused_at, id);
CREATE INDEX dead_letter_key ON dead_letter (tenant, key_start, refused_at, id);
CREATE INDEX dead_letter_replaying ON dead_letter (id) WHERE status = 'replaying';
CREATE INDEX dead_letter_replay_of ON dead_letter (replay_of) WHERE replay_of IS NOT NULL;

-- Each statement that changes dead letters updates their rows here.
CREATE TABLE dead_letter_count (
    tenant  text NOT NULL,
    status  text NOT NULL,
    letters bigint NOT NULL,
    PRIMARY KEY (tenant, status)
) WITH (fillfactor = 50);
COMMENT ON TABLE dead_letter_count IS 'How many dead letters there are, kept by count_dead_letters()';
