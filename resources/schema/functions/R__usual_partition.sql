-- The partition of reading that a time gets where it has no neighbours. Late readings are few and can be of any age: wider partitions for
-- older times keep the number of partitions small.
CREATE OR REPLACE FUNCTION usual_partition(wanted timestamptz, width interval) RETURNS TABLE (from_time timestamptz, until_time timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT begun.start, (begun.start AT TIME ZONE 'UTC' + CASE WHEN unit IS NULL THEN width ELSE ('1 ' || unit)::interval END) AT TIME ZONE 'UTC'
    FROM (SELECT CASE WHEN wanted < now() - interval '2 years' THEN 'year' WHEN wanted < now() - interval '2 months' THEN 'month' END AS unit) AS chosen
    CROSS JOIN LATERAL (SELECT CASE WHEN unit IS NULL THEN date_bin(width, wanted, timestamptz '2000-01-01 00:00:00+00')
                                    ELSE date_trunc(unit, wanted, 'UTC') END AS start) AS begun
$$;
