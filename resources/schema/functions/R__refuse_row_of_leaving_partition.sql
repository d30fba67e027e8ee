-- The trigger of a partition that is being dropped.
CREATE OR REPLACE FUNCTION refuse_row_of_leaving_partition() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Partition % has expired and is being dropped; what it should store waits until it has gone', TG_TABLE_NAME
        USING ERRCODE = 'object_in_use';
END $$;
