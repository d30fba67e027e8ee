-- The REST API serves all tenants. It logs in as a role that may do nothing (see database/LoginRole), and becomes that of its caller for one transaction. What cannot
-- be undone, and what decides about all that come later, is the administrator's.

DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['sensor_pipeline_administrator', 'sensor_pipeline_access'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        EXECUTE format('GRANT %I TO %I', role, current_user);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role);
    END LOOP;
END $$;
GRANT sensor_pipeline_operator TO sensor_pipeline_administrator;

REVOKE DELETE ON dead_letter FROM sensor_pipeline_operator;
GRANT DELETE ON dead_letter TO sensor_pipeline_administrator;
REVOKE INSERT, UPDATE ON metric_declaration FROM sensor_pipeline_operator;
GRANT INSERT, UPDATE ON metric_declaration TO sensor_pipeline_administrator;
REVOKE INSERT, UPDATE, DELETE ON retired_sensor FROM sensor_pipeline_operator;
GRANT INSERT, UPDATE, DELETE ON retired_sensor TO sensor_pipeline_administrator;
REVOKE INSERT, UPDATE, DELETE ON alert_rule FROM sensor_pipeline_operator;
GRANT INSERT, UPDATE, DELETE ON alert_rule TO sensor_pipeline_administrator;
REVOKE INSERT, UPDATE, DELETE ON alert_channel FROM sensor_pipeline_operator;
GRANT INSERT, UPDATE, DELETE ON alert_channel TO sensor_pipeline_administrator;
-- Who watches alerts may say that a failure is known.
GRANT UPDATE (acknowledged_at, acknowledged_by, acknowledged_through) ON alert_channel TO sensor_pipeline_operator;
REVOKE INSERT, DELETE, SELECT (channel_id, tenant) ON alert_channel_secret FROM sensor_pipeline_operator;
GRANT INSERT, DELETE, SELECT (channel_id, tenant) ON alert_channel_secret TO sensor_pipeline_administrator;
REVOKE INSERT (channel_id, tenant, body, is_test), UPDATE (next_attempt_at) ON alert_message FROM sensor_pipeline_operator;
GRANT INSERT (channel_id, tenant, body, is_test), UPDATE (next_attempt_at) ON alert_message TO sensor_pipeline_administrator;

-- A reader may read how far its rules are evaluated, and nobody else's.
ALTER TABLE alert_position ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_positions ON alert_position FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));

DROP PROCEDURE IF EXISTS delete_readings, discard_dead_letters;
