-- What the REST API's list shows of a dead letter.
CREATE OR REPLACE FUNCTION dead_letter_json(letter dead_letter) RETURNS json
LANGUAGE sql STABLE AS $$
    SELECT (SELECT row_to_json(shown) FROM (SELECT
        letter.id AS id, iso_8601(letter.refused_at) AS "time", iso_8601(letter.received_at) AS received_at,
        letter.topic AS topic, letter."partition" AS "partition", letter."offset" AS "offset",
        text_of(letter.key) AS key, CASE WHEN text_of(letter.key) IS NULL THEN base64_of(letter.key) END AS key_base64,
        letter.reason AS reason, octet_length(letter.value) AS size, preview_of(letter.value, 200) AS preview,
        letter.status AS status, letter.replays AS replays, iso_8601(letter.replayed_at) AS replayed_at,
        letter.replay_error AS replay_error, letter.replay_of AS replay_of) AS shown)
$$;
