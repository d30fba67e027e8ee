-- One object with the fields of both, in their order.
CREATE OR REPLACE FUNCTION json_merge(first json, second json) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT json_object_agg(field.key, field.value)
        FROM (SELECT key, value FROM json_each(first) UNION ALL SELECT key, value FROM json_each(second)) AS field);
