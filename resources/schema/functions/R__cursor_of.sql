-- A name as a cursor in a URL: Base64 with the characters that need no escape.
CREATE OR REPLACE FUNCTION cursor_of(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(encode(convert_to(name, 'UTF8'), 'base64'), E'+/=\n', '-_');
