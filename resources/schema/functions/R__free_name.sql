-- A name for a partition, changed if a table has it already: one that was detached by hand keeps its name.
CREATE OR REPLACE FUNCTION free_name(wanted text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    WHILE to_regclass(wanted) IS NOT NULL LOOP
        wanted := wanted || '_again';
    END LOOP;
    RETURN wanted;
END $$;
