-- The role of the REST API sees one tenant: that of the setting "pipeline.tenant". The database holds this, not a WHERE.
-- Two schemas of one server can be set up at the same time; the roles are there either way.

DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sensor_pipeline_reader') THEN
        CREATE ROLE sensor_pipeline_reader NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$;
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sensor_pipeline_operator') THEN
        CREATE ROLE sensor_pipeline_operator NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END $$;

-- The program's own role becomes one of them for its queries.
GRANT sensor_pipeline_reader TO sensor_pipeline_operator;
DO $$ BEGIN
    EXECUTE format('GRANT sensor_pipeline_reader, sensor_pipeline_operator TO %I', current_user);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO sensor_pipeline_reader', current_schema());
END $$;

GRANT SELECT ON tenant, tenant_limit, series, series_group, reading, reading_partition, rollup_hour, rollup_month, rollup_watermark, series_activity, rollup_total, rollup_total_month, pending_total, rollup_partition, fast_clock, text_for_number, dead_letter, dead_letter_count, progress, lost_records
    TO sensor_pipeline_reader;
GRANT SELECT (batch_id, readings, stored_at, first_at, last_at, rolled_up, completed_series, completed_times) ON batch TO sensor_pipeline_reader;

ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_limit ENABLE ROW LEVEL SECURITY;
ALTER TABLE series ENABLE ROW LEVEL SECURITY;
ALTER TABLE series_group ENABLE ROW LEVEL SECURITY;
ALTER TABLE reading ENABLE ROW LEVEL SECURITY;
ALTER TABLE rollup_hour ENABLE ROW LEVEL SECURITY;
ALTER TABLE rollup_month ENABLE ROW LEVEL SECURITY;
ALTER TABLE series_activity ENABLE ROW LEVEL SECURITY;
ALTER TABLE rollup_total ENABLE ROW LEVEL SECURITY;
ALTER TABLE rollup_total_month ENABLE ROW LEVEL SECURITY;
ALTER TABLE pending_total ENABLE ROW LEVEL SECURITY;
ALTER TABLE fast_clock ENABLE ROW LEVEL SECURITY;
ALTER TABLE text_for_number ENABLE ROW LEVEL SECURITY;
ALTER TABLE dead_letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE dead_letter_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE progress ENABLE ROW LEVEL SECURITY;
ALTER TABLE lost_records ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_tenant ON tenant FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_limit ON tenant_limit FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_series ON series FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_groups ON series_group FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_totals ON rollup_total FOR SELECT TO sensor_pipeline_reader USING (group_id IN (SELECT group_id FROM series_group));
CREATE POLICY own_totals ON rollup_total_month FOR SELECT TO sensor_pipeline_reader USING (group_id IN (SELECT group_id FROM series_group));
CREATE POLICY own_pending_totals ON pending_total FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_dead_letters ON dead_letter FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_dead_letter_counts ON dead_letter_count FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_progress ON progress FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_lost_records ON lost_records FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
-- Where a database has one tenant, all rows are its own, and need not be looked up one by one.
CREATE FUNCTION is_only_tenant() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
RETURN (SELECT count(*) = 1 AND min(tenant) = current_setting('pipeline.tenant', true) FROM tenant);

-- The policy on series holds inside these. With EXISTS, the planner chooses: a few rows look up their series in its key, many in a hash table of all series,
-- which takes 40 ms to make of 100,000. With IN it always makes the table, which is best for exports of readings.
CREATE POLICY own_readings ON reading FOR SELECT TO sensor_pipeline_reader
    USING ((SELECT is_only_tenant()) OR series_id IN (SELECT series_id FROM series));
CREATE POLICY own_rollups ON rollup_hour FOR SELECT TO sensor_pipeline_reader
    USING ((SELECT is_only_tenant()) OR EXISTS (SELECT FROM series WHERE series.series_id = rollup_hour.series_id));
CREATE POLICY own_rollups ON rollup_month FOR SELECT TO sensor_pipeline_reader
    USING ((SELECT is_only_tenant()) OR EXISTS (SELECT FROM series WHERE series.series_id = rollup_month.series_id));
CREATE POLICY own_activity ON series_activity FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY own_clocks ON fast_clock FOR SELECT TO sensor_pipeline_reader USING (EXISTS (SELECT FROM series WHERE series.series_id = fast_clock.series_id));
CREATE POLICY own_texts ON text_for_number FOR SELECT TO sensor_pipeline_reader USING (EXISTS (SELECT FROM series WHERE series.series_id = text_for_number.series_id));

-- An operator can also turn a waiting letter of its tenant into one to be replayed, delete one that is not being replayed, and nothing else.
GRANT UPDATE (status), DELETE ON dead_letter TO sensor_pipeline_operator;
CREATE POLICY replay_own_dead_letters ON dead_letter FOR UPDATE TO sensor_pipeline_operator
    USING (tenant = current_setting('pipeline.tenant', true) AND status = 'waiting')
    WITH CHECK (tenant = current_setting('pipeline.tenant', true) AND status = 'replaying');
CREATE POLICY discard_own_dead_letters ON dead_letter FOR DELETE TO sensor_pipeline_operator
    USING (tenant = current_setting('pipeline.tenant', true) AND status <> 'replaying');

-- Likewise, it can acknowledge what its tenant has lost.
GRANT UPDATE (acknowledged_at) ON lost_records TO sensor_pipeline_operator;
CREATE POLICY acknowledge_own_lost_records ON lost_records FOR UPDATE TO sensor_pipeline_operator
    USING (tenant = current_setting('pipeline.tenant', true) AND acknowledged_at IS NULL)
    WITH CHECK (tenant = current_setting('pipeline.tenant', true) AND acknowledged_at IS NOT NULL);
