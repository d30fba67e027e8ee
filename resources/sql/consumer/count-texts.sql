-- Counts readings that have text where a number usually is, or a number that was not plausible.
SELECT count_texts(ARRAY(
    SELECT ROW(series_id, to_timestamp(at / 1e6::float8), to_timestamp(received_at / 1e3::float8), NULL, attributes::jsonb)::given_reading
    FROM unnest(?::integer[], ?::bigint[], ?::bigint[], ?::text[]) AS given (series_id, at, received_at, attributes)))
