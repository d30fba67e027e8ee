-- The limits of a tenant: its own, or else those given.
CREATE OR REPLACE FUNCTION limits_of(of_tenant text, most_sensors integer, most_metrics integer) RETURNS TABLE (sensors integer, metrics integer)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(max(own.sensors), most_sensors), coalesce(max(own.metrics), most_metrics) FROM tenant_limit AS own WHERE own.tenant = of_tenant
$$;
