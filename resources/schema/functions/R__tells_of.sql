-- Whether a channel tells of an alert with this severity, of this rule, sensor and location.
CREATE OR REPLACE FUNCTION tells_of(channel alert_channel, severity text, rule text, sensor_id text, location text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT severity_rank(severity) >= severity_rank((channel).severity)
        AND ((channel).rules IS NULL OR rule LIKE ANY ((channel).rules))
        AND ((channel).sensors IS NULL OR sensor_id LIKE ANY ((channel).sensors))
        AND ((channel).locations IS NULL OR coalesce(location LIKE ANY ((channel).locations), false))
$$;
