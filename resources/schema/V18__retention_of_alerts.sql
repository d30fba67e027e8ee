-- Alerts that are over are deleted some time later.

ALTER TABLE alert ADD COLUMN stored_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN alert.stored_at IS 'When its last transition was stored, by PostgreSQL''s clock: those of devices may be years slow';
CREATE INDEX alert_over ON alert (stored_at) WHERE state = 'cleared';

CREATE TABLE alert_deleted (
    alert_id   uuid PRIMARY KEY,
    deleted_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE alert_deleted IS 'Alerts that were deleted, for as long as alerts are kept: readings that are evaluated again publish the same ids, and must not bring them back';
CREATE INDEX alert_deleted_by_time ON alert_deleted (deleted_at);
GRANT UPDATE (stored_at) ON alert TO sensor_pipeline_operator;
