-- Which values of a metric are plausible, and metrics that are directions.

ALTER TABLE metric_declaration
    ADD COLUMN min_plausible float8,
    ADD COLUMN max_plausible float8,
    ADD CONSTRAINT metric_declaration_range CHECK (min_plausible <= max_plausible),
    DROP CONSTRAINT metric_declaration_kind_check,
    ADD CONSTRAINT metric_declaration_kind CHECK (kind IN ('gauge', 'counter', 'direction'));
COMMENT ON TABLE metric_declaration IS 'What a tenant says of a metric: its name for people, its unit, its kind, and which values are plausible';
COMMENT ON COLUMN metric_declaration.kind IS 'A gauge goes up and down, a counter only up until it begins anew, a direction is in degrees';
COMMENT ON COLUMN metric_declaration.min_plausible IS 'Values below become attributes of their readings when they are stored; null: none';
COMMENT ON COLUMN metric_declaration.max_plausible IS 'Values above become attributes of their readings when they are stored; null: none';

ALTER TABLE text_for_number
    ADD COLUMN is_implausible boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT text_for_number_pkey,
    ADD PRIMARY KEY (series_id, "position", is_implausible);
COMMENT ON TABLE text_for_number IS 'Readings whose value of a metric is an attribute with its name: text where a number usually is, or a value that was not plausible';
COMMENT ON COLUMN text_for_number.is_implausible IS 'Whether it is a number, which was not plausible, instead of text';
