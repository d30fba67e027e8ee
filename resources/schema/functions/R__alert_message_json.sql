-- A message as webhooks get it: a test, or some alerts and how many events there are of all.
CREATE OR REPLACE FUNCTION alert_message_json(channel alert_channel, is_test boolean, is_storm boolean DEFAULT false, events bigint DEFAULT 0, critical bigint DEFAULT 0, warning bigint DEFAULT 0,
    info bigint DEFAULT 0, cleared bigint DEFAULT 0, alerts json DEFAULT '[]') RETURNS json
LANGUAGE sql STABLE AS $$
    SELECT json_build_object('type', 'alerts', 'timestamp', iso_8601(now()), 'data', json_build_object('channel', channel.name, 'tenant', channel.tenant, 'test', is_test, 'storm', is_storm,
        'count', events, 'critical', critical, 'warning', warning, 'info', info, 'cleared', cleared, 'alerts', alerts))
$$;
