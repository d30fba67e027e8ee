-- Deletes the totals of all groups when the partition of their hours is dropped.
CREATE OR REPLACE FUNCTION delete_rollup_totals() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM rollup_total USING series_group
    WHERE rollup_total.group_id = series_group.group_id AND hour >= NEW.from_time AND hour < NEW.until_time;
    DELETE FROM rollup_total_month WHERE month = NEW.from_time;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER totals_leave AFTER UPDATE OF leaving ON rollup_partition
    FOR EACH ROW WHEN (NEW.leaving) EXECUTE FUNCTION delete_rollup_totals();
