-- Numbers series and the metrics of each: appends those that are missing, as far as the limits of their tenants allow. Answers a row for each that was
-- given: its number (null beyond the limit of sensors), all its metrics as JSON, the time of its newest reading in microseconds since 1970, and
-- which limit it exceeds. Tenants that get new series, the counter of series and series that get new metrics are locked, in one order for all callers.
CREATE OR REPLACE FUNCTION number_series(given jsonb, most_sensors integer, most_metrics integer)
RETURNS TABLE ("position" integer, series_id integer, metrics text, newest bigint, exceeded text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    growing text[];
    last_number integer;
    lacking integer[];
BEGIN
    -- None that it finds is deleted before it answers.
    PERFORM pg_advisory_xact_lock_shared(hashtext('delete_series'));

    INSERT INTO tenant (tenant)
    SELECT DISTINCT tenant FROM jsonb_to_recordset(given) AS asked (tenant text)
    EXCEPT SELECT tenant FROM tenant
    ORDER BY tenant
    ON CONFLICT DO NOTHING;

    -- Those at a limit are neither locked nor changed.
    SELECT array_agg(DISTINCT tenant) INTO growing
    FROM jsonb_to_recordset(given) AS asked (tenant text, sensor_id text, location text)
    JOIN tenant USING (tenant) CROSS JOIN LATERAL limits_of(tenant, most_sensors, most_metrics) AS limits
    WHERE tenant.series < limits.sensors AND NOT EXISTS (SELECT FROM series_of(asked.tenant, asked.sensor_id, asked.location));
    IF growing IS NOT NULL THEN
        PERFORM FROM tenant WHERE tenant = ANY (growing) ORDER BY tenant FOR NO KEY UPDATE;
        SELECT counter.last_number INTO last_number FROM series_counter AS counter FOR UPDATE;
        WITH made AS (
            INSERT INTO series (series_id, tenant, sensor_id, location, metrics)
            SELECT last_number + row_number() OVER (ORDER BY missing.position), tenant, missing.sensor_id, missing.location, CASE WHEN cardinality(missing.metrics) <= limits.metrics THEN missing.metrics ELSE '{}' END
            FROM (SELECT *, row_number() OVER (PARTITION BY tenant ORDER BY position) AS place
                  FROM jsonb_to_recordset(given) AS asked (position integer, tenant text, sensor_id text, location text, metrics text[])
                  WHERE NOT EXISTS (SELECT FROM series_of(asked.tenant, asked.sensor_id, asked.location))) AS missing
            JOIN tenant USING (tenant) CROSS JOIN LATERAL limits_of(tenant, most_sensors, most_metrics) AS limits
            WHERE tenant.series + missing.place <= limits.sensors
            ORDER BY missing.position
            RETURNING tenant
        ), counted AS (
            UPDATE series_counter SET last_number = series_counter.last_number + (SELECT count(*) FROM made)
        )
        UPDATE tenant SET series = tenant.series + added.series
        FROM (SELECT tenant, count(*) AS series FROM made GROUP BY tenant) AS added WHERE added.tenant = tenant.tenant;
    END IF;

    SELECT array_agg(known.series_id ORDER BY known.series_id) INTO lacking
    FROM jsonb_to_recordset(given) AS asked (tenant text, sensor_id text, location text, metrics text[])
    CROSS JOIN LATERAL series_of(asked.tenant, asked.sensor_id, asked.location) AS known
    CROSS JOIN LATERAL limits_of(asked.tenant, most_sensors, most_metrics) AS limits
    WHERE cardinality(known.metrics) < limits.metrics AND NOT has_names(known.metrics, asked.metrics);
    IF lacking IS NOT NULL THEN
        PERFORM FROM series WHERE series_id = ANY (lacking) ORDER BY series_id FOR NO KEY UPDATE;
        UPDATE series SET metrics = series.metrics || ARRAY(
            SELECT metric FROM unnest(wanted.metrics) WITH ORDINALITY AS one (metric, place)
            WHERE (metric IN (SELECT unnest(series.metrics))) IS NOT TRUE
            ORDER BY place LIMIT greatest(0, wanted.most_metrics - cardinality(series.metrics)))
        FROM (SELECT known.series_id, asked.metrics, limits.metrics AS most_metrics
              FROM jsonb_to_recordset(given) AS asked (tenant text, sensor_id text, location text, metrics text[])
              CROSS JOIN LATERAL series_of(asked.tenant, asked.sensor_id, asked.location) AS known
              CROSS JOIN LATERAL limits_of(asked.tenant, most_sensors, most_metrics) AS limits
              WHERE known.series_id IN (SELECT unnest(lacking))) AS wanted
        WHERE series.series_id = wanted.series_id;
    END IF;

    RETURN QUERY
    SELECT asked.position, known.series_id, array_to_json(known.metrics)::text,
           (SELECT (extract(epoch FROM at) * 1000000)::bigint FROM reading WHERE reading.series_id = known.series_id ORDER BY at DESC LIMIT 1),
           CASE WHEN known.series_id IS NULL
                THEN format('too many sensors: tenant %s has as many as it may have, %s (one at two locations counts twice)', asked.tenant, limits.sensors)
                WHEN NOT has_names(known.metrics, asked.metrics) THEN format('too many metrics: the sensor has as many as it may have, %s', limits.metrics) END
    FROM jsonb_to_recordset(given) AS asked (position integer, tenant text, sensor_id text, location text, metrics text[])
    LEFT JOIN LATERAL series_of(asked.tenant, asked.sensor_id, asked.location) AS known ON true
    CROSS JOIN LATERAL limits_of(asked.tenant, most_sensors, most_metrics) AS limits;
END $$;
