-- The series of a sensor at a location, or no row. Two branches, because no index finds what IS NOT DISTINCT FROM asks for.
CREATE OR REPLACE FUNCTION series_of(of_tenant text, of_sensor text, of_location text) RETURNS SETOF series
LANGUAGE sql STABLE AS $$
    SELECT * FROM series WHERE tenant = of_tenant AND sensor_id = of_sensor AND location = of_location
    UNION ALL
    SELECT * FROM series WHERE tenant = of_tenant AND sensor_id = of_sensor AND location IS NULL AND of_location IS NULL
$$;
