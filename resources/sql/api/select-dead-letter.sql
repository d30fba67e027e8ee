-- All of one dead letter; "unknown" is its id if there is none.
SELECT CASE WHEN letter.id IS NULL THEN asked.id::text END AS unknown,
    json_build_object('status', 'success', 'data', json_merge(dead_letter_json(letter), json_build_object(
        'value', text_of(letter.value), 'value_base64', base64_of(letter.value),
        'headers', (SELECT coalesce(json_agg(json_build_object('name', header -> 0,
                               'value', text_of(decode(header ->> 1, 'base64')), 'value_base64', header -> 1) ORDER BY position), '[]')
                    -- PostgreSQL does not take a string with a NUL out of JSON: in a name it is shown as the symbol for it.
                    FROM json_array_elements(replace(letter.headers::text, '\u0000', '\u2400')::json) WITH ORDINALITY AS given (header, position)),
        'failed_again', (SELECT coalesce(json_agg(later.id ORDER BY later.id), '[]') FROM dead_letter AS later
                         WHERE later.replay_of = coalesce(letter.replay_of, letter.id) AND later.id > letter.id)
    )))::text AS answer
FROM (SELECT :?id::bigint AS id) AS asked LEFT JOIN dead_letter AS letter USING (id)
