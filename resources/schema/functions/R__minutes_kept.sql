-- For how long totals by minute are kept: longer than a day, so that a question for the last day finds them.
CREATE OR REPLACE FUNCTION minutes_kept() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN interval '2 days';
