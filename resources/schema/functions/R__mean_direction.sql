-- The direction of a sum of unit vectors, given their sines and cosines added up, in degrees from 0 to below 360; null where they cancel each other out.
CREATE OR REPLACE FUNCTION mean_direction(sines float8, cosines float8) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN abs(sines) < 1e-9 AND abs(cosines) < 1e-9 THEN NULL
            WHEN atan2d(sines, cosines) < 0 THEN coalesce(nullif(atan2d(sines, cosines) + 360, 360), 0)
            ELSE atan2d(sines, cosines) END;
