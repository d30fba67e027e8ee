-- Deletes at most so many alerts, with their events, that were over for as long as alerts are kept. They must not come back if they are published again, so their ids are kept once more as long.
-- What channels have told, or still have to tell, of an alert goes first: delete_old_messages(). Returns how many rows of alerts and ids are gone.
CREATE OR REPLACE FUNCTION delete_old_alerts(kept interval, most integer) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    alerts bigint;
    ids bigint;
BEGIN
    WITH old AS MATERIALIZED (
        SELECT alert_id FROM alert
        WHERE state = 'cleared' AND stored_at < now() - kept
          AND NOT EXISTS (SELECT FROM alert_channel JOIN alert_notice USING (channel_id) WHERE alert_channel.tenant = alert.tenant AND alert_notice.alert_id = alert.alert_id)
        ORDER BY stored_at LIMIT most
        FOR UPDATE SKIP LOCKED
    ), events AS (
        DELETE FROM alert_event USING old WHERE alert_event.alert_id = old.alert_id
    ), gone AS (
        DELETE FROM alert USING old WHERE alert.alert_id = old.alert_id RETURNING alert.alert_id
    )
    INSERT INTO alert_deleted (alert_id) SELECT alert_id FROM gone ORDER BY alert_id;
    GET DIAGNOSTICS alerts = ROW_COUNT;
    DELETE FROM alert_deleted WHERE alert_id IN (SELECT alert_id FROM alert_deleted WHERE deleted_at < now() - kept ORDER BY deleted_at LIMIT most);
    GET DIAGNOSTICS ids = ROW_COUNT;
    RETURN alerts + ids;
END $$;
