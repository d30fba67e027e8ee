-- Whether a partition has a row of one of these tenants, or of any if none are given: an index is asked for each of their series, up to the first row.
CREATE OR REPLACE FUNCTION has_rows_of(tenants text[], of_partition text) RETURNS boolean
LANGUAGE plpgsql STABLE COST 1000000 SET enable_seqscan = off SET jit = off AS $$
DECLARE
    answer boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (
        SELECT FROM series
        CROSS JOIN LATERAL (SELECT FROM %I AS stored WHERE stored.series_id = series.series_id LIMIT 1) AS one
        WHERE $1 IS NULL OR series.tenant = ANY ($1))', of_partition) INTO answer USING tenants;
    RETURN answer;
END $$;
