-- Keeps the numbers of dead letters by tenant and status, so that no one has to count the rows. The trigger has the right to, whoever
-- changes the dead letters.
CREATE OR REPLACE FUNCTION count_dead_letters() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM dead_letter_count;
        RETURN NULL;
    END IF;
    EXECUTE format('
        INSERT INTO dead_letter_count AS known (tenant, status, letters)
        SELECT tenant, status, sum(change) FROM (%s) AS changes GROUP BY tenant, status HAVING sum(change) <> 0
        -- Everyone locks the rows in the same order.
        ORDER BY tenant, status
        ON CONFLICT (tenant, status) DO UPDATE SET letters = known.letters + excluded.letters',
        CASE TG_OP
            WHEN 'INSERT' THEN 'SELECT tenant, status, 1 AS change FROM added'
            WHEN 'DELETE' THEN 'SELECT tenant, status, -1 AS change FROM removed'
            ELSE 'SELECT tenant, status, 1 AS change FROM added UNION ALL SELECT tenant, status, -1 FROM removed'
        END);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER count_added AFTER INSERT ON dead_letter REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_dead_letters();
CREATE OR REPLACE TRIGGER count_changed AFTER UPDATE ON dead_letter REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_dead_letters();
CREATE OR REPLACE TRIGGER count_removed AFTER DELETE ON dead_letter REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION count_dead_letters();
CREATE OR REPLACE TRIGGER count_none AFTER TRUNCATE ON dead_letter
    FOR EACH STATEMENT EXECUTE FUNCTION count_dead_letters();
