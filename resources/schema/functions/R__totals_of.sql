-- Totals as a program passes them: a metric for each, and ten numbers: group, hour numbered from 1970, readings, events, first and last time in
-- microseconds, total, lowest, highest, and last time of receipt in milliseconds.
CREATE OR REPLACE FUNCTION totals_of(metrics text[], figures float8[]) RETURNS hour_total[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg(ROW(figures[first]::integer, to_timestamp(figures[first + 1] * 3600), metric, figures[first + 2]::bigint, figures[first + 3]::bigint,
                                  to_timestamp(figures[first + 4] / 1e6::float8), to_timestamp(figures[first + 5] / 1e6::float8),
                                  figures[first + 6], figures[first + 7], figures[first + 8], to_timestamp(figures[first + 9] / 1e3::float8))::hour_total), '{}')
    FROM unnest(metrics) WITH ORDINALITY AS one (metric, place) CROSS JOIN LATERAL (SELECT 10 * place::integer - 9) AS at (first)
$$;
