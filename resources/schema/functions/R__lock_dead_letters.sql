-- Waits for its turn, until the end of the transaction: two that change many dead letters at a time, in different orders, could deadlock.
CREATE OR REPLACE FUNCTION lock_dead_letters() RETURNS void
LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtext('dead letters'))
$$;
