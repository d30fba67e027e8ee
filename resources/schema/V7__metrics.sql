-- What a tenant says of its metrics; a metric need not have readings yet.

CREATE TABLE metric_declaration (
    tenant       text CHECK (tenant ~ '^[a-z0-9-]{1,63}$'),
    metric       text COLLATE "C",
    display_name text,
    unit         text,
    kind         text NOT NULL CHECK (kind IN ('gauge', 'counter')),
    declared_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, metric)
);
COMMENT ON TABLE metric_declaration IS 'What a tenant says of a metric: its name for people, its unit, and whether it is a counter';
COMMENT ON COLUMN metric_declaration.kind IS 'A gauge goes up and down, a counter only up until it begins anew';

ALTER TABLE metric_declaration ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON metric_declaration TO sensor_pipeline_reader;
GRANT INSERT, UPDATE ON metric_declaration TO sensor_pipeline_operator;
CREATE POLICY own_declarations ON metric_declaration FOR SELECT TO sensor_pipeline_reader USING (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY declare_own ON metric_declaration FOR INSERT TO sensor_pipeline_operator WITH CHECK (tenant = current_setting('pipeline.tenant', true));
CREATE POLICY declare_own_anew ON metric_declaration FOR UPDATE TO sensor_pipeline_operator
    USING (tenant = current_setting('pipeline.tenant', true)) WITH CHECK (tenant = current_setting('pipeline.tenant', true));
