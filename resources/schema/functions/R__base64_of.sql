-- Bytes as one line of Base64.
CREATE OR REPLACE FUNCTION base64_of(bytes bytea) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(encode(bytes, 'base64'), E'\n', '');
