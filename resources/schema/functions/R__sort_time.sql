-- The time by which a reading is new: its own, or that of its receipt if the clock of the sensor is fast.
CREATE OR REPLACE FUNCTION sort_time(at timestamptz, received_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN at <= received_at + clock_tolerance() THEN at ELSE received_at END;
