-- An alert that gets worse while somebody acknowledges or shelves it is neither acknowledged nor shelved.

ALTER TABLE alert_change ADD severity text;
COMMENT ON COLUMN alert_change.severity IS 'Of the alert as the database knew it, for what was done about one; null in changes of before';
