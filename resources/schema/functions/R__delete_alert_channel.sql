-- Deletes a channel, if it has one of the versions (null: any), and what it still has to tell; "unknown" is its id if there is no such channel, "other_version" its version if that is none of these,
-- "needed" the name of a fallback for it, which would tell nothing any more.
CREATE OR REPLACE FUNCTION delete_alert_channel(wanted_id bigint, deleted_versions bigint[] DEFAULT NULL, OUT deleted json, OUT unknown bigint, OUT other_version integer, OUT needed text)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT version INTO other_version FROM alert_channel WHERE channel_id = wanted_id FOR UPDATE;
    IF other_version <> ALL (deleted_versions) THEN
        RETURN;
    END IF;
    other_version := NULL;
    deleted := (SELECT alert_channel_json(channel) FROM alert_channel AS channel WHERE channel_id = wanted_id);
    unknown := CASE WHEN deleted IS NULL THEN wanted_id END;
    needed := (SELECT name FROM alert_channel WHERE (deleted ->> 'name') = ANY (fallback_for) ORDER BY name LIMIT 1);
    IF needed IS NULL THEN
        DELETE FROM alert_channel WHERE channel_id = wanted_id;
    END IF;
END $$;
