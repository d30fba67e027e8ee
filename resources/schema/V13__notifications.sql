-- The channels by which people are notified of alerts, what they still have to be told, and the messages that tell it.

CREATE TABLE alert_channel (
    channel_id    bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    tenant        text NOT NULL CHECK (tenant ~ '^[a-z0-9-]{1,63}$'),
    name          text NOT NULL,
    version       integer NOT NULL DEFAULT 1,
    definition    json NOT NULL,
    severity      text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    rules         text[],
    sensors       text[],
    locations     text[],
    delay         interval,
    repeats       interval,
    tells_cleared boolean NOT NULL,
    fallback_for  text[],
    created_at    timestamptz NOT NULL DEFAULT now(),
    changed_at    timestamptz NOT NULL DEFAULT now(),
    delivered_at  timestamptz,
    failing_since timestamptz,
    error         text,
    UNIQUE (tenant, name)
);
COMMENT ON COLUMN alert_channel.definition IS 'As its author wrote it, validated by the contract of the REST API, without the secret';
COMMENT ON COLUMN alert_channel.severity IS 'The least severity of alerts that it tells of';
COMMENT ON COLUMN alert_channel.rules IS 'Patterns for LIKE, of which one has to match; null if all do. So with sensors and locations';
COMMENT ON COLUMN alert_channel.delay IS 'For how long an alert must be open and not acknowledged; of a fallback, for how long the other channel must have failed. Null: it is told at once';
COMMENT ON COLUMN alert_channel.repeats IS 'After which time an alert that nobody has acknowledged is told again';
COMMENT ON COLUMN alert_channel.fallback_for IS 'Names of the channels whose alerts it tells if they fail; null for a channel that tells alerts itself';
COMMENT ON COLUMN alert_channel.failing_since IS 'Since when messages cannot be delivered, or null';

CREATE TABLE alert_channel_secret (
    channel_id bigint PRIMARY KEY REFERENCES alert_channel ON DELETE CASCADE,
    tenant     text NOT NULL,
    secret     text NOT NULL
);
COMMENT ON TABLE alert_channel_secret IS 'The keys that sign messages: written by the REST API, and read by the service "alerts" only';

CREATE TABLE alert_message (
    message_id      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    channel_id      bigint NOT NULL REFERENCES alert_channel ON DELETE CASCADE,
    tenant          text NOT NULL,
    body            json NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    leased_until    timestamptz,
    delivered_at    timestamptz,
    given_up_at     timestamptz
);
COMMENT ON TABLE alert_message IS 'Messages to channels. Each attempt to deliver one has the same body and id, by which its receiver recognizes a repetition';
COMMENT ON COLUMN alert_message.leased_until IS 'Until when a program that attempts to deliver it has time';
CREATE UNIQUE INDEX alert_message_open ON alert_message (channel_id) WHERE delivered_at IS NULL AND given_up_at IS NULL;
CREATE INDEX alert_message_of_channel ON alert_message (channel_id, created_at);

CREATE TABLE alert_notice (
    notice_id  bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    channel_id bigint NOT NULL REFERENCES alert_channel ON DELETE CASCADE,
    tenant     text NOT NULL,
    alert_id   uuid,
    event_id   text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('fired', 'reopened', 'changed', 'cleared', 'repeated', 'test')),
    alert      json,
    if_open    boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    due_at     timestamptz NOT NULL DEFAULT now(),
    message_id uuid,
    UNIQUE (channel_id, alert_id, event_id, kind)
);
COMMENT ON TABLE alert_notice IS 'What channels have to tell of alerts, and what they have told';
COMMENT ON COLUMN alert_notice.alert IS 'The alert after the event; null for a repetition, which tells the alert as it then is';
COMMENT ON COLUMN alert_notice.if_open IS 'It is dropped if the alert is over when it is due';
COMMENT ON COLUMN alert_notice.message_id IS 'Of the message that tells it; null as long as it waits';
CREATE INDEX alert_notice_due ON alert_notice (channel_id, due_at) WHERE message_id IS NULL;
CREATE INDEX alert_notice_waiting ON alert_notice (channel_id, alert_id) WHERE message_id IS NULL;
CREATE INDEX alert_notice_of_message ON alert_notice (message_id);

ALTER TABLE alert_channel ENABLE ROW LEVEL SECURITY;
ALTER TABLE alert_channel_secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE alert_message ENABLE ROW LEVEL SECURITY;
ALTER TABLE alert_notice ENABLE ROW LEVEL SECURITY;

GRANT SELECT ON alert_channel, alert_message, alert_notice TO sensor_pipeline_reader;
CREATE POLICY own_channels ON alert_channel FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_messages ON alert_message FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_notices ON alert_notice FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));

GRANT INSERT, UPDATE, DELETE ON alert_channel TO sensor_pipeline_operator;
CREATE POLICY add_own_channels ON alert_channel FOR INSERT TO sensor_pipeline_operator WITH CHECK (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY change_own_channels ON alert_channel FOR UPDATE TO sensor_pipeline_operator
    USING (tenant = current_setting('pipeline.tenant', true)) WITH CHECK (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY delete_own_channels ON alert_channel FOR DELETE TO sensor_pipeline_operator USING (tenant = current_setting('pipeline.tenant', true));
-- Who may write a secret need not be able to read it.
GRANT INSERT, DELETE, SELECT (channel_id, tenant) ON alert_channel_secret TO sensor_pipeline_operator;
CREATE POLICY find_own_secrets ON alert_channel_secret FOR SELECT TO sensor_pipeline_operator USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY add_own_secrets ON alert_channel_secret FOR INSERT TO sensor_pipeline_operator WITH CHECK (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY delete_own_secrets ON alert_channel_secret FOR DELETE TO sensor_pipeline_operator USING (tenant = current_setting('pipeline.tenant', true));
GRANT INSERT ON alert_notice TO sensor_pipeline_operator;
CREATE POLICY add_own_notices ON alert_notice FOR INSERT TO sensor_pipeline_operator WITH CHECK (tenant = current_setting('pipeline.tenant', true));
GRANT UPDATE (next_attempt_at) ON alert_message TO sensor_pipeline_operator;
CREATE POLICY hasten_own_messages ON alert_message FOR UPDATE TO sensor_pipeline_operator
    USING (tenant = current_setting('pipeline.tenant', true)) WITH CHECK (tenant = current_setting('pipeline.tenant', true));
