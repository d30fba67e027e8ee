-- Deletes the totals of a tenant when the last of its rows in rollup_hour has gone.
CREATE OR REPLACE FUNCTION delete_rollup_totals_of_tenant() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM rollup_total USING series_group
    WHERE series_group.tenant = NEW.tenant AND rollup_total.group_id = series_group.group_id AND hour < NEW.gone_before;
    DELETE FROM rollup_total_month USING series_group
    WHERE series_group.tenant = NEW.tenant AND rollup_total_month.group_id = series_group.group_id AND month < date_trunc('month', NEW.gone_before, 'UTC');
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER totals_of_tenant_leave AFTER INSERT OR UPDATE OF gone_before ON tenant_expired
    FOR EACH ROW WHEN (NEW.of_table = 'rollup_hour') EXECUTE FUNCTION delete_rollup_totals_of_tenant();
