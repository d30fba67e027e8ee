-- Those of some series of which retention has left neither readings nor statistics, at most so many. A look into each index for each of them; a join
-- would read all readings.
CREATE OR REPLACE FUNCTION emptied_series(candidates integer[], most integer) RETURNS SETOF integer
LANGUAGE sql STABLE SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
    SELECT series_id FROM unnest(candidates) AS candidate (series_id)
    WHERE NOT EXISTS (SELECT FROM rollup_month WHERE rollup_month.series_id = candidate.series_id)
      AND NOT EXISTS (SELECT FROM rollup_hour WHERE rollup_hour.series_id = candidate.series_id)
      AND NOT EXISTS (SELECT FROM reading WHERE reading.series_id = candidate.series_id)
    LIMIT most
$$;
