-- Alert rules do not look at values that are declared implausible, either.

ALTER TABLE alert_change
    DROP CONSTRAINT alert_change_kind_check,
    DROP CONSTRAINT alert_change_check,
    ADD CONSTRAINT alert_change_kind CHECK (kind IN ('rule', 'metric', 'acknowledge', 'shelve', 'clear', 'retire')),
    ADD CONSTRAINT alert_change_target CHECK ((kind = 'rule') = (version IS NOT NULL) AND (kind IN ('rule', 'metric', 'retire')) = (alert_id IS NULL));
COMMENT ON TABLE alert_change IS 'Versions of rules, declarations of metrics, what was done about alerts, and sensors that were retired, numbered in the order of their commits: next_alert_change()';
COMMENT ON COLUMN alert_change.definition IS 'Of a version of a rule, null where it was deleted; or the plausible values of a metric';
CREATE INDEX alert_change_of_metric ON alert_change (tenant, change_id) WHERE kind = 'metric';

INSERT INTO alert_change (change_id, tenant, kind, rule_id, definition)
SELECT nextval('alert_change_id'), tenant, 'metric', 0, json_build_object('metric', metric, 'min_plausible', min_plausible, 'max_plausible', max_plausible)
FROM metric_declaration WHERE min_plausible IS NOT NULL OR max_plausible IS NOT NULL;
