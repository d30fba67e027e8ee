-- Whether a tenant can have so many rules, whose conditions together have so many characters: conditions are evaluated for each reading that has their metrics, whatever its values are, and the
-- longer they are, the more that costs.
CREATE OR REPLACE FUNCTION alert_rules_fit(rules bigint, characters bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT rules <= 10000 AND coalesce(characters, 0) <= 10000
$$;
