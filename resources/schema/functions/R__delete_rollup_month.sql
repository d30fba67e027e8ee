-- Deletes the monthly statistics of all tenants, and the activity of series that have no others, when the partition of their hours is dropped.
CREATE OR REPLACE FUNCTION delete_rollup_month() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM rollup_month WHERE month = NEW.from_time;
    DELETE FROM series_activity WHERE last_at < NEW.until_time
      AND NOT EXISTS (SELECT FROM monthly_rollups WHERE monthly_rollups.series_id = series_activity.series_id);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER month_leaves AFTER UPDATE OF leaving ON rollup_partition
    FOR EACH ROW WHEN (NEW.leaving) EXECUTE FUNCTION delete_rollup_month();
