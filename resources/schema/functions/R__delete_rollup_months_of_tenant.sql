-- Deletes the monthly statistics of a tenant, and the activity of series that have no others, when the last of its rows in rollup_hour has gone.
CREATE OR REPLACE FUNCTION delete_rollup_months_of_tenant() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM rollup_month USING series
    WHERE series.series_id = rollup_month.series_id AND series.tenant = NEW.tenant AND month < date_trunc('month', NEW.gone_before, 'UTC');
    DELETE FROM series_activity WHERE tenant = NEW.tenant AND last_at < date_trunc('month', NEW.gone_before, 'UTC');
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER months_of_tenant_leave AFTER INSERT OR UPDATE OF gone_before ON tenant_expired
    FOR EACH ROW WHEN (NEW.of_table = 'rollup_hour') EXECUTE FUNCTION delete_rollup_months_of_tenant();
