-- Finds the newest alerts that match all given filters (null: any), at most "wanted"; "next" is the cursor to go on from, null at the end. Which index is used depends on the filters,
-- so the statement has only the conditions that are given.
CREATE OR REPLACE FUNCTION find_alerts(wanted_state text, wanted_severity text, wanted_sensor text, wanted_rule text, from_time timestamptz, until_time timestamptz, active_from timestamptz, cursor text,
    wanted integer, wanted_locations text[] DEFAULT NULL, OUT alerts json[], OUT next text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    shown alert;
    last alert;
BEGIN
    alerts := '{}';
    FOR shown IN EXECUTE
        'SELECT * FROM alert WHERE fired_at >= $1 AND fired_at < $2'
        || CASE wanted_state WHEN 'open' THEN ' AND state = ''firing'' AND acknowledged_at IS NULL AND (shelved_until IS NULL OR shelved_until <= now())'
                WHEN 'firing' THEN ' AND state = ''firing''' WHEN 'cleared' THEN ' AND state = ''cleared'''
                WHEN 'unacknowledged' THEN ' AND state = ''firing'' AND acknowledged_at IS NULL'
                WHEN 'acknowledged' THEN ' AND state = ''firing'' AND acknowledged_at IS NOT NULL'
                WHEN 'shelved' THEN ' AND state = ''firing'' AND shelved_until > now()' ELSE '' END
        || CASE WHEN wanted_severity IS NULL THEN '' ELSE ' AND severity = $3' END
        || CASE WHEN wanted_sensor IS NULL THEN '' ELSE ' AND sensor_id = $4' END
        || CASE WHEN wanted_locations IS NULL THEN '' ELSE ' AND location = ANY ($10)' END
        || CASE WHEN wanted_rule IS NULL THEN '' WHEN wanted_rule ~ '^[0-9]{1,18}$' THEN ' AND rule_id = $5::bigint' ELSE ' AND rule = $5' END
        || CASE WHEN active_from IS NULL THEN '' ELSE ' AND (cleared_at IS NULL OR cleared_at > $9)' END
        || CASE WHEN cursor IS NULL THEN '' ELSE ' AND (fired_at, alert_id) < ($6, $7)' END
        -- One more shows whether there is a next one.
        || ' ORDER BY fired_at DESC, alert_id DESC LIMIT $8'
        USING coalesce(from_time, '-infinity'), coalesce(until_time, 'infinity'), wanted_severity, wanted_sensor, wanted_rule, cursor_time(cursor), split_part(cursor, '_', 2)::uuid, wanted + 1,
            active_from, wanted_locations
    LOOP
        IF cardinality(alerts) = wanted THEN
            next := microseconds(last.fired_at) || '_' || last.alert_id;
            RETURN;
        END IF;
        alerts := alerts || alert_json(shown);
        last := shown;
    END LOOP;
END $$;
