-- Deletes the monthly statistics of all tenants when the partition of their hours is dropped.
CREATE OR REPLACE FUNCTION delete_rollup_month() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM rollup_month WHERE month = NEW.from_time;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER month_leaves AFTER UPDATE OF leaving ON rollup_partition
    FOR EACH ROW WHEN (NEW.leaving) EXECUTE FUNCTION delete_rollup_month();
