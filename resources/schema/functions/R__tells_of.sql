-- Whether a channel tells of an alert.
CREATE OR REPLACE FUNCTION tells_of(channel alert_channel, target json) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT severity_rank(target ->> 'severity') >= severity_rank(channel.severity)
        AND (channel.rules IS NULL OR target ->> 'rule' LIKE ANY (channel.rules))
        AND (channel.sensors IS NULL OR target ->> 'sensor_id' LIKE ANY (channel.sensors))
        AND (channel.locations IS NULL OR coalesce(target ->> 'location' LIKE ANY (channel.locations), false))
$$;
