-- Whether a tenant can have so many rules, of which so many with a condition: those are looked at for each reading that has their metrics, whatever its values are.
CREATE OR REPLACE FUNCTION alert_rules_fit(rules bigint, conditions bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT rules <= 10000 AND conditions <= 500
$$;
