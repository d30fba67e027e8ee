-- Selects one dead letter with all details; "unknown" is its id if it does not exist.
SELECT CASE WHEN letter.id IS NULL THEN asked.id::text END AS unknown,
    '{"status":"success","data":' || left(dead_letter_json(letter)::text, -1) || ',' || substr(row_to_json(bytes)::text, 2) || '}' AS answer
FROM (SELECT :?id::bigint AS id) AS asked LEFT JOIN dead_letter AS letter USING (id)
CROSS JOIN LATERAL (SELECT
    text_of(letter.value) AS value, base64_of(letter.value) AS value_base64,
    array_to_json(ARRAY(SELECT row_to_json(shown)
        -- PostgreSQL cannot extract a string with a NUL from JSON; in a name it is shown as the symbol for NUL.
        FROM json_array_elements(replace(letter.headers::text, '\u0000', '\u2400')::json) WITH ORDINALITY AS given (header, position)
        CROSS JOIN LATERAL (SELECT header -> 0 AS name, text_of(decode(header ->> 1, 'base64')) AS value, header -> 1 AS value_base64) AS shown
        ORDER BY position)) AS headers,
    array_to_json(ARRAY(SELECT later.id FROM dead_letter AS later
                        WHERE later.replay_of = coalesce(letter.replay_of, letter.id) AND later.id > letter.id ORDER BY later.id)) AS failed_again) AS bytes
