-- Waits until a change applies to all readings that are evaluated from now on: at most so many milliseconds, and not if no service evaluates readings. Tells whether it does
CREATE OR REPLACE FUNCTION await_alert_change(awaited bigint, milliseconds integer) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    until CONSTANT timestamptz := clock_timestamp() + milliseconds * interval '1 millisecond';
    does_apply boolean;
BEGIN
    LOOP
        SELECT bool_and(change_id >= awaited) INTO does_apply FROM alert_position WHERE tenant = current_setting('pipeline.tenant');
        IF does_apply IS NULL OR does_apply OR clock_timestamp() > until THEN
            RETURN coalesce(does_apply, false);
        END IF;
        PERFORM pg_sleep(0.02);
    END LOOP;
END $$;
