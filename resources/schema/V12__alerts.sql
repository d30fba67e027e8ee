-- Alert rules, what people changed, the alerts that fired, and how far readings are evaluated.

CREATE SEQUENCE alert_change_id;

CREATE TABLE alert_rule (
    rule_id    bigint PRIMARY KEY,
    tenant     text NOT NULL CHECK (tenant ~ '^[a-z0-9-]{1,63}$'),
    name       text NOT NULL,
    version    integer NOT NULL,
    definition json NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant, name)
);
COMMENT ON TABLE alert_rule IS 'The rules as they are now';
COMMENT ON COLUMN alert_rule.definition IS 'As its author wrote it, validated by the contract of the REST API';

CREATE TABLE alert_change (
    change_id  bigint PRIMARY KEY,
    tenant     text NOT NULL CHECK (tenant ~ '^[a-z0-9-]{1,63}$'),
    kind       text NOT NULL CHECK (kind IN ('rule', 'acknowledge', 'shelve', 'clear', 'retire')),
    rule_id    bigint NOT NULL,
    version    integer,
    definition json,
    created_at timestamptz,
    alert_id   uuid,
    sensor_id  text COLLATE "C",
    "by"       text,
    comment    text,
    until      timestamptz,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((kind = 'rule') = (version IS NOT NULL) AND (kind IN ('rule', 'retire')) = (alert_id IS NULL))
);
COMMENT ON TABLE alert_change IS 'Versions of rules, what was done about alerts, and sensors that were retired, numbered in the order of their commits: next_alert_change()';
COMMENT ON COLUMN alert_change.definition IS 'Of a version of a rule; null where it was deleted';
COMMENT ON COLUMN alert_change.created_at IS 'When the rule was created: it does not apply to readings received before';
CREATE INDEX alert_change_of_rule ON alert_change (tenant, rule_id, change_id) WHERE kind = 'rule';

CREATE TABLE alert (
    alert_id              uuid PRIMARY KEY,
    tenant                text NOT NULL,
    rule_id               bigint NOT NULL,
    rule                  text NOT NULL,
    severity              text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
    sensor_id             text COLLATE "C" NOT NULL,
    location              text,
    metric                text,
    value                 float8,
    state                 text NOT NULL CHECK (state IN ('firing', 'cleared')),
    late                  boolean NOT NULL,
    flapping              boolean NOT NULL,
    started_at            timestamptz NOT NULL,
    fired_at              timestamptz NOT NULL,
    cleared_at            timestamptz,
    message               text NOT NULL,
    revision              integer NOT NULL,
    acknowledged_by       text,
    acknowledged_at       timestamptz,
    acknowledged_comment  text,
    acknowledged_severity text,
    shelved_until         timestamptz,
    cleared_by            text
);
COMMENT ON TABLE alert IS 'Alerts as they are now, made of the transitions on the topic of alerts, and of what people did about them';
COMMENT ON COLUMN alert.revision IS 'Number of the last transition; an older one that comes later changes nothing';
COMMENT ON COLUMN alert.cleared_by IS 'Who cleared it by hand; null if its readings did';
CREATE INDEX alert_by_time ON alert (tenant, fired_at, alert_id);
CREATE INDEX alert_firing ON alert (tenant, fired_at, alert_id) WHERE state = 'firing';
CREATE INDEX alert_of_sensor ON alert (tenant, sensor_id, fired_at, alert_id);
CREATE INDEX alert_of_rule ON alert (tenant, rule_id, fired_at, alert_id);

CREATE TABLE alert_event (
    alert_id    uuid,
    event_id    text,
    tenant      text NOT NULL,
    kind        text NOT NULL,
    at          timestamptz NOT NULL,
    revision    integer NOT NULL,
    severity    text,
    value       float8,
    "by"        text,
    comment     text,
    until       timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (alert_id, event_id)
);
COMMENT ON TABLE alert_event IS 'What happened to alerts. The id of an event is made of what caused it, so one that is published again is stored once';

CREATE TABLE alert_position (
    topic          text,
    "partition"    integer,
    tenant         text,
    next_offset    bigint NOT NULL,
    change_id      bigint NOT NULL DEFAULT 0,
    applied_change bigint NOT NULL DEFAULT 0,
    seen           bytea,
    partitions     integer,
    saved_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, "partition")
) WITH (fillfactor = 50);
-- Written every second, so compression costs more than it saves.
ALTER TABLE alert_position ALTER COLUMN seen SET STORAGE EXTERNAL;
COMMENT ON TABLE alert_position IS 'How far the service "alerts" has read the partitions of Kafka. Saved together with the states as they were there';
COMMENT ON COLUMN alert_position.tenant IS 'Whose readings the partition has; null for the topic of alerts';
COMMENT ON COLUMN alert_position.change_id IS 'The last change that applies to the records from next_offset on';
COMMENT ON COLUMN alert_position.applied_change IS 'The last change that the saved states contain';

COMMENT ON COLUMN alert_position.seen IS 'The last record that each rule about silence has seen of each sensor, in the format of SeenRecords';
COMMENT ON COLUMN alert_position.partitions IS 'How many partitions the topic had when that was saved';

CREATE TABLE alert_state (
    tenant      text,
    sensor_id   text COLLATE "C",
    rule_id     bigint,
    topic       text NOT NULL,
    "partition" integer NOT NULL,
    partitions  integer NOT NULL,
    state       text NOT NULL,
    PRIMARY KEY (tenant, sensor_id, rule_id)
);
COMMENT ON TABLE alert_state IS 'What the readings of a sensor have made of a rule; a sensor has none for a rule whose limit is not breached';
COMMENT ON COLUMN alert_state.rule_id IS 'Of the rule; 0 where the state is that of the clock of the sensor';
COMMENT ON COLUMN alert_state.partitions IS 'How many partitions the topic had: with more of them, the sensor may be in another one';
CREATE INDEX alert_state_of_partition ON alert_state (topic, "partition");

ALTER TABLE alert_rule ENABLE ROW LEVEL SECURITY;
ALTER TABLE alert_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE alert ENABLE ROW LEVEL SECURITY;
ALTER TABLE alert_event ENABLE ROW LEVEL SECURITY;

GRANT SELECT ON alert_rule, alert_change, alert, alert_event TO sensor_pipeline_reader;
GRANT SELECT (tenant, change_id) ON alert_position TO sensor_pipeline_reader;
CREATE POLICY own_rules ON alert_rule FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_changes ON alert_change FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_alerts ON alert FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_events ON alert_event FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));

GRANT USAGE ON SEQUENCE alert_change_id TO sensor_pipeline_operator;
GRANT INSERT, UPDATE, DELETE ON alert_rule TO sensor_pipeline_operator;
CREATE POLICY add_own_rules ON alert_rule FOR INSERT TO sensor_pipeline_operator WITH CHECK (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY change_own_rules ON alert_rule FOR UPDATE TO sensor_pipeline_operator
    USING (tenant = current_setting('pipeline.tenant', true)) WITH CHECK (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY delete_own_rules ON alert_rule FOR DELETE TO sensor_pipeline_operator USING (tenant = current_setting('pipeline.tenant', true));
GRANT INSERT ON alert_change, alert_event TO sensor_pipeline_operator;
CREATE POLICY add_own_changes ON alert_change FOR INSERT TO sensor_pipeline_operator WITH CHECK (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY add_own_events ON alert_event FOR INSERT TO sensor_pipeline_operator WITH CHECK (tenant = current_setting('pipeline.tenant', true));
GRANT UPDATE (state, cleared_at, cleared_by, acknowledged_by, acknowledged_at, acknowledged_comment, acknowledged_severity, shelved_until) ON alert TO sensor_pipeline_operator;
CREATE POLICY mark_own_alerts ON alert FOR UPDATE TO sensor_pipeline_operator
    USING (tenant = current_setting('pipeline.tenant', true)) WITH CHECK (tenant = current_setting('pipeline.tenant', true));
