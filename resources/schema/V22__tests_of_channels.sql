-- Tests are messages of their own, for which no other message waits; and who knows of messages that were given up says so.

ALTER TABLE alert_message
    ADD COLUMN is_test boolean NOT NULL DEFAULT false,
    ADD COLUMN error text;
COMMENT ON COLUMN alert_message.is_test IS 'A test is tried once, beside what its channel has to tell: it is delivered, or given up';
COMMENT ON COLUMN alert_message.error IS 'Of a test: why it was not delivered';
UPDATE alert_message SET is_test = true WHERE (body -> 'data' ->> 'test')::boolean AND (body -> 'data' ->> 'count')::bigint = 0;
DROP INDEX alert_message_open;
CREATE UNIQUE INDEX alert_message_open ON alert_message (channel_id) WHERE delivered_at IS NULL AND given_up_at IS NULL AND NOT is_test;
CREATE INDEX alert_message_open_test ON alert_message (channel_id) WHERE delivered_at IS NULL AND given_up_at IS NULL AND is_test;
CREATE INDEX alert_message_test ON alert_message (channel_id, created_at) WHERE is_test;
DELETE FROM alert_notice WHERE kind = 'test';
ALTER TABLE alert_notice DROP CONSTRAINT alert_notice_kind_check, ADD CONSTRAINT alert_notice_kind CHECK (kind IN ('fired', 'reopened', 'changed', 'cleared', 'repeated'));
DROP POLICY add_own_notices ON alert_notice;
REVOKE INSERT ON alert_notice FROM sensor_pipeline_operator;
GRANT INSERT (channel_id, tenant, body, is_test) ON alert_message TO sensor_pipeline_operator;
CREATE POLICY add_own_tests ON alert_message FOR INSERT TO sensor_pipeline_operator WITH CHECK (tenant = current_setting('pipeline.tenant', true) AND is_test);

ALTER TABLE alert_channel
    ADD COLUMN failed_at timestamptz,
    ADD COLUMN acknowledged_at timestamptz,
    ADD COLUMN acknowledged_by text,
    ADD COLUMN acknowledged_through timestamptz;
COMMENT ON COLUMN alert_channel.failed_at IS 'When an attempt to deliver a message last failed, also with an earlier version; null if none has';
COMMENT ON COLUMN alert_channel.acknowledged_at IS 'When somebody last said that he knows of messages that were given up';
COMMENT ON COLUMN alert_channel.acknowledged_through IS 'Messages that were given up until then are known';
-- A channel that has failed to deliver tests only does not fail to tell alerts.
UPDATE alert_channel AS channel SET failing_since = NULL, error = NULL
WHERE NOT EXISTS (SELECT FROM alert_message AS message WHERE message.channel_id = channel.channel_id AND NOT message.is_test AND message.delivered_at IS NULL);
UPDATE alert_channel SET failed_at = now() WHERE failing_since IS NOT NULL;
