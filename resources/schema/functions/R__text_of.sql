-- The bytes as text, or null if they are no UTF-8 text that PostgreSQL holds (without NUL).
CREATE OR REPLACE FUNCTION text_of(bytes bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN convert_from(bytes, 'UTF8');
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
    RETURN NULL;
END $$;
