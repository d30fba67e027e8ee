-- The role of the REST API sees one tenant: that of the setting "pipeline.tenant". The database holds this, not a WHERE.

DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sensor_pipeline_reader') THEN
        CREATE ROLE sensor_pipeline_reader NOLOGIN;
    END IF;
    -- Two schemas of one server can be set up at the same time; the role is there either way.
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$;

-- The program's own role becomes the reader for its queries.
DO $$ BEGIN
    EXECUTE format('GRANT sensor_pipeline_reader TO %I', current_user);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO sensor_pipeline_reader', current_schema());
END $$;

GRANT SELECT ON tenant, series, reading, readings, measurements TO sensor_pipeline_reader;

ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE series ENABLE ROW LEVEL SECURITY;
ALTER TABLE reading ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_tenant ON tenant FOR SELECT TO sensor_pipeline_reader
    USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_series ON series FOR SELECT TO sensor_pipeline_reader
    USING (tenant = current_setting('pipeline.tenant', true));
-- The policy on series holds inside this one.
CREATE POLICY own_readings ON reading FOR SELECT TO sensor_pipeline_reader
    USING (series_id IN (SELECT series_id FROM series));
