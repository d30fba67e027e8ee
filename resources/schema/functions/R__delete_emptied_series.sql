-- Deletes series, at most so many, of which retention has left nothing; answers how many. Finds candidates first, because no batch can be stored while it holds
-- the lock; consumers then look up their series again. An hour is left to new ones, whose first readings may be on their way.
CREATE OR REPLACE FUNCTION delete_emptied_series(most integer) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    emptied integer[];
    deleted integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('expire')) THEN
        RETURN 0;
    END IF;
    emptied := ARRAY(SELECT emptied_series(ARRAY(SELECT series_id FROM series WHERE created_at < now() - interval '1 hour'), most));
    IF emptied = '{}' THEN
        RETURN 0;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('delete_series'));
    -- In the order of number_series().
    PERFORM FROM tenant WHERE tenant IN (SELECT tenant FROM series WHERE series_id IN (SELECT unnest(emptied))) ORDER BY tenant FOR NO KEY UPDATE;
    UPDATE series_counter SET deletions = deletions + 1;
    WITH gone AS (
        DELETE FROM series WHERE series_id IN (SELECT emptied_series(emptied, most)) RETURNING series_id, tenant
    ), inactive AS (
        DELETE FROM series_activity WHERE series_id IN (SELECT series_id FROM gone)
    ), counted AS (
        UPDATE tenant SET series = tenant.series - gone_of_tenant.series
        FROM (SELECT tenant, count(*) AS series FROM gone GROUP BY tenant) AS gone_of_tenant WHERE gone_of_tenant.tenant = tenant.tenant
    )
    SELECT count(*) INTO deleted FROM gone;
    RETURN deleted;
END $$;
