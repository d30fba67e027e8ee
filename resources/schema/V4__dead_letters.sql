-- Records that are no reading, as they came and with what was wrong, to be looked at and replayed.

CREATE TABLE dead_letter (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant       text NOT NULL,
    topic        text NOT NULL,
    "partition"  integer NOT NULL,
    "offset"     bigint NOT NULL,
    received_at  timestamptz NOT NULL,
    refused_at   timestamptz NOT NULL,
    reason       text NOT NULL,
    key          bytea,
    value        bytea,
    headers      json NOT NULL,
    status       text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'replaying', 'replayed')),
    replays      integer NOT NULL DEFAULT 0,
    replayed_at  timestamptz,
    replay_error text,
    leased_until timestamptz,
    replay_of    bigint REFERENCES dead_letter ON DELETE SET NULL,
    -- A topic that is deleted and made again begins at offset 0.
    CONSTRAINT dead_letter_identity UNIQUE (topic, "partition", "offset", received_at)
);
COMMENT ON COLUMN dead_letter.tenant IS 'Not in table tenant unless a reading of it was stored';
COMMENT ON COLUMN dead_letter.received_at IS 'When Kafka received it';
COMMENT ON COLUMN dead_letter.value IS 'Null for a record without a value';
COMMENT ON COLUMN dead_letter.headers IS 'In their order: [name, value in Base64 or null]; jsonb could not hold a NUL in a name';
COMMENT ON COLUMN dead_letter.status IS 'waiting, until someone asks to replay it: replaying; once Kafka has it again: replayed';
COMMENT ON COLUMN dead_letter.replays IS 'How often Kafka got it again';
COMMENT ON COLUMN dead_letter.replay_error IS 'Why Kafka refused it when it was replayed last';
COMMENT ON COLUMN dead_letter.leased_until IS 'Until then one consumer is about to replay it';
COMMENT ON COLUMN dead_letter.replay_of IS 'The first failure of the same record, if this is that of a replay';

-- The list, newest first; what it is filtered by is read from the index alone.
CREATE INDEX dead_letter_list ON dead_letter (tenant, id) INCLUDE (reason, refused_at, status);
-- A key can be longer than an entry of an ordered index.
CREATE INDEX dead_letter_key ON dead_letter USING hash (key);
CREATE INDEX dead_letter_replaying ON dead_letter (id) WHERE status = 'replaying';
CREATE INDEX dead_letter_replay_of ON dead_letter (replay_of) WHERE replay_of IS NOT NULL;

-- The bytes as text, or null if they are no UTF-8 text that PostgreSQL holds (without NUL).
CREATE FUNCTION text_of(bytes bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN convert_from(bytes, 'UTF8');
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
    RETURN NULL;
END $$;

-- The first bytes as text; what is no text with its other bytes as \ooo. A character that the cut halves is left out.
CREATE FUNCTION preview_of(bytes bytea, size integer) RETURNS text
LANGUAGE sql IMMUTABLE STRICT
RETURN CASE WHEN octet_length(bytes) <= size
    THEN coalesce(text_of(bytes), encode(bytes, 'escape'))
    ELSE coalesce(text_of(substr(bytes, 1, size)), text_of(substr(bytes, 1, size - 1)), text_of(substr(bytes, 1, size - 2)),
                  text_of(substr(bytes, 1, size - 3)), encode(substr(bytes, 1, size), 'escape')) END;

-- Bytes as one line of Base64.
CREATE FUNCTION base64_of(bytes bytea) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(encode(bytes, 'base64'), E'\n', '');

-- What the REST API's list says of a dead letter.
CREATE FUNCTION dead_letter_json(letter dead_letter) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object(
    'id', letter.id, 'time', iso_8601(letter.refused_at), 'received_at', iso_8601(letter.received_at),
    'topic', letter.topic, 'partition', letter."partition", 'offset', letter."offset",
    'key', text_of(letter.key), 'key_base64', CASE WHEN text_of(letter.key) IS NULL THEN base64_of(letter.key) END,
    'reason', letter.reason, 'size', octet_length(letter.value), 'preview', preview_of(letter.value, 200),
    'status', letter.status, 'replays', letter.replays, 'replayed_at', iso_8601(letter.replayed_at),
    'replay_error', letter.replay_error, 'replay_of', letter.replay_of);

-- The REST API sees the letters of its tenant.
GRANT SELECT ON dead_letter TO sensor_pipeline_reader;
ALTER TABLE dead_letter ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_dead_letters ON dead_letter FOR SELECT TO sensor_pipeline_reader
    USING (tenant = current_setting('pipeline.tenant', true));

-- Who asks for a replay can besides turn a waiting letter of its tenant into one to be replayed, and nothing else.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sensor_pipeline_operator') THEN
        CREATE ROLE sensor_pipeline_operator NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$;
GRANT sensor_pipeline_reader TO sensor_pipeline_operator;
DO $$ BEGIN
    EXECUTE format('GRANT sensor_pipeline_operator TO %I', current_user);
END $$;
GRANT UPDATE (status) ON dead_letter TO sensor_pipeline_operator;
CREATE POLICY replay_own_dead_letters ON dead_letter FOR UPDATE TO sensor_pipeline_operator
    USING (tenant = current_setting('pipeline.tenant', true) AND status = 'waiting')
    WITH CHECK (tenant = current_setting('pipeline.tenant', true) AND status = 'replaying');
