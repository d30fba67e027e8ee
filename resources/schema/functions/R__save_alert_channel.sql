-- Saves a channel as a new one, or as the next version of the one with an id, if that has one of the replaced versions (null: any). "unknown" is that id if there is no such channel, "other_version"
-- its version if that is none of these, "taken" the name if another channel has it, "missing" the name of a channel that it is a fallback for and that does not exist, "full" is true if the tenant
-- has as many channels as it can have. Without a secret, that of the earlier version stays.
CREATE OR REPLACE FUNCTION save_alert_channel(wanted_id bigint, wanted_name text, wanted_definition text, wanted_columns text, wanted_secret text,
    replaced_versions bigint[] DEFAULT NULL, OUT saved json, OUT unknown bigint, OUT other_version integer, OUT taken text, OUT missing text, OUT "full" boolean)
LANGUAGE plpgsql AS $$
DECLARE
    most_channels CONSTANT integer := 100;
    wanted record;
    channel alert_channel;
BEGIN
    SELECT * INTO channel FROM alert_channel WHERE channel_id = wanted_id FOR UPDATE;
    IF channel.version <> ALL (replaced_versions) THEN
        other_version := channel.version;
        RETURN;
    END IF;
    SELECT * INTO wanted FROM json_to_record(wanted_columns::json)
        AS given (severity text, rules text[], sensors text[], locations text[], delay bigint, repeats bigint, tells_cleared boolean, fallback_for text[]);
    SELECT given.other INTO missing FROM unnest(wanted.fallback_for) AS given (other)
    WHERE given.other = wanted_name OR NOT EXISTS (SELECT FROM alert_channel WHERE name = given.other) LIMIT 1;
    IF missing IS NULL AND wanted_id IS NOT NULL THEN
        -- A channel that is a fallback for itself by way of others would tell nothing.
        WITH RECURSIVE needed (name) AS (
            SELECT unnest(wanted.fallback_for)
            UNION
            SELECT unnest(other.fallback_for) FROM needed JOIN alert_channel AS other USING (name)
        )
        SELECT needed.name INTO missing FROM needed JOIN alert_channel AS other USING (name) WHERE other.channel_id = wanted_id;
    END IF;
    unknown := CASE WHEN channel.channel_id IS NULL THEN wanted_id END;
    taken := CASE WHEN EXISTS (SELECT FROM alert_channel WHERE name = wanted_name AND channel_id IS DISTINCT FROM wanted_id) THEN wanted_name END;
    "full" := wanted_id IS NULL AND (SELECT count(*) FROM alert_channel) >= most_channels;
    IF unknown IS NOT NULL OR taken IS NOT NULL OR missing IS NOT NULL OR "full" THEN
        RETURN;
    END IF;
    IF wanted_id IS NULL THEN
        INSERT INTO alert_channel (tenant, name, definition, severity, rules, sensors, locations, delay, repeats, tells_cleared, fallback_for)
        VALUES (current_setting('pipeline.tenant'), wanted_name, wanted_definition::json, wanted.severity, wanted.rules, wanted.sensors, wanted.locations,
            wanted.delay * interval '1 microsecond', wanted.repeats * interval '1 microsecond', wanted.tells_cleared, wanted.fallback_for)
        RETURNING * INTO channel;
    ELSE
        UPDATE alert_channel AS fallback SET fallback_for = array_replace(fallback.fallback_for, renamed.name, wanted_name),
            definition = jsonb_set(fallback.definition::jsonb, '{fallback_for}', to_jsonb(array_replace(fallback.fallback_for, renamed.name, wanted_name)))::json,
            version = fallback.version + 1, changed_at = now()
        FROM alert_channel AS renamed WHERE renamed.channel_id = wanted_id AND renamed.name = ANY (fallback.fallback_for) AND renamed.name <> wanted_name;
        UPDATE alert_channel SET name = wanted_name, definition = wanted_definition::json, severity = wanted.severity, rules = wanted.rules, sensors = wanted.sensors,
            locations = wanted.locations, delay = wanted.delay * interval '1 microsecond', repeats = wanted.repeats * interval '1 microsecond', tells_cleared = wanted.tells_cleared,
            fallback_for = wanted.fallback_for, version = version + 1, changed_at = now(), failing_since = NULL, error = NULL
        WHERE channel_id = wanted_id RETURNING * INTO channel;
        -- It may be reachable now.
        UPDATE alert_message SET next_attempt_at = now() WHERE channel_id = wanted_id AND delivered_at IS NULL AND given_up_at IS NULL;
    END IF;
    IF wanted_secret IS NOT NULL THEN
        DELETE FROM alert_channel_secret WHERE channel_id = channel.channel_id;
        INSERT INTO alert_channel_secret (channel_id, tenant, secret) VALUES (channel.channel_id, channel.tenant, wanted_secret);
    END IF;
    saved := alert_channel_json(channel);
END $$;
