-- How long the span of a total is that a reading of this time belongs to: a minute as long as totals are kept by minute, or else an hour.
CREATE OR REPLACE FUNCTION total_span(at timestamptz) RETURNS interval
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN at > now() - minutes_kept() THEN interval '1 minute' ELSE interval '1 hour' END;
