-- Alerts that nobody has acknowledged may outlast their condition.

ALTER TABLE alert ADD COLUMN latched boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN alert.latched IS 'Whether its condition is over, and it only waits to be acknowledged';
