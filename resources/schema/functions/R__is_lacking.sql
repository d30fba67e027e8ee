-- Whether a series with these metrics lacks some that are asked for, and may have more.
CREATE OR REPLACE FUNCTION is_lacking(metrics text[], asked asked_series) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN cardinality(metrics) < asked.most_metrics AND NOT has_names(metrics, asked.metrics);
