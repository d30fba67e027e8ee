-- The number of the next change of a rule or an alert. Changes are committed in the order of their numbers, so who has read one has read all before it.
CREATE OR REPLACE FUNCTION next_alert_change() RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('alert_change'));
    RETURN nextval('alert_change_id');
END $$;
