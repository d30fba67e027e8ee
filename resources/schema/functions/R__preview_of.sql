-- The first bytes as text; what is no text with its other bytes as \ooo. A character that the cut halves is left out.
CREATE OR REPLACE FUNCTION preview_of(bytes bytea, size integer) RETURNS text
LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE WHEN octet_length(bytes) <= size
        THEN coalesce(text_of(bytes), encode(bytes, 'escape'))
        ELSE coalesce(text_of(substr(bytes, 1, size)), text_of(substr(bytes, 1, size - 1)), text_of(substr(bytes, 1, size - 2)),
                      text_of(substr(bytes, 1, size - 3)), encode(substr(bytes, 1, size), 'escape')) END
$$;
