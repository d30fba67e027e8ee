-- Deletes a channel, and what it still has to tell; "unknown" is its id if there is no such channel, "needed" the name of a fallback for it, which would tell nothing any more.
CREATE OR REPLACE FUNCTION delete_alert_channel(wanted_id bigint, OUT deleted json, OUT unknown bigint, OUT needed text)
LANGUAGE plpgsql AS $$
BEGIN
    deleted := (SELECT alert_channel_json(channel) FROM alert_channel AS channel WHERE channel_id = wanted_id);
    unknown := CASE WHEN deleted IS NULL THEN wanted_id END;
    needed := (SELECT name FROM alert_channel WHERE (deleted ->> 'name') = ANY (fallback_for) ORDER BY name LIMIT 1);
    IF needed IS NULL THEN
        DELETE FROM alert_channel WHERE channel_id = wanted_id;
    END IF;
END $$;
