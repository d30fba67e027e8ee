-- A reading that is older than the newest one of its sensor is not current.

ALTER TABLE alert_position ADD COLUMN newest bytea;
-- It is compressed.
ALTER TABLE alert_position ALTER COLUMN newest SET STORAGE EXTERNAL;
COMMENT ON COLUMN alert_position.newest IS 'The newest times of the readings of each sensor in the last minutes, in the format of NewestReadings';
