-- The direction of a sum of unit vectors, given their sines and cosines added up, in degrees from 0 to below 360; null where they cancel each other out.
-- Rounded, so that equal directions have exactly the same mean.
CREATE OR REPLACE FUNCTION mean_direction(sines float8, cosines float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN abs(sines) >= 1e-9 OR abs(cosines) >= 1e-9 THEN mod(round((atan2d(sines, cosines) + 360)::numeric, 9), 360)::float8 END;
