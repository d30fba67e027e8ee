-- Deletes the totals of all tenants when the partition of their hours is dropped.
CREATE OR REPLACE FUNCTION delete_rollup_totals() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM rollup_total WHERE hour >= NEW.from_time AND hour < NEW.until_time;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER totals_leave AFTER UPDATE OF leaving ON rollup_partition
    FOR EACH ROW WHEN (NEW.leaving) EXECUTE FUNCTION delete_rollup_totals();
