-- Numbers series and the metrics of each: appends those that are missing, as far as the limits of their tenants allow. Answers a row for each that was
-- given: its number (null beyond the limit of sensors), its group, all its metrics as JSON, the time of its newest reading in microseconds since 1970, and
-- which limit it exceeds. The first 1,000 locations of a tenant are groups of their own. Tenants that get new series, the counter of series and series that get new metrics are locked, in one order for all callers.
CREATE OR REPLACE FUNCTION number_series(given jsonb, most_sensors integer, most_metrics integer)
RETURNS TABLE ("position" integer, series_id integer, group_id integer, metrics text, newest bigint, exceeded text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    asked asked_series[];
    missing integer[];
    growing text[];
    last_number integer;
    lacking integer[];
    made_series bigint := 0;
BEGIN
    -- No series that this function finds is deleted before it answers.
    PERFORM pg_advisory_xact_lock_shared(hashtext('delete_series'));

    WITH one AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(given) AS one ("position" integer, tenant text, sensor_id text, location text, metrics text[])
    ), limits AS (
        SELECT tenant, limits.* FROM (SELECT DISTINCT tenant FROM one) AS given_tenant CROSS JOIN LATERAL limits_of(tenant, most_sensors, most_metrics) AS limits
    )
    SELECT array_agg(ROW(one."position", tenant, one.sensor_id, one.location, one.metrics, limits.sensors, limits.metrics)::asked_series)
    INTO asked FROM one JOIN limits USING (tenant);

    SELECT array_agg(one."position") FILTER (WHERE known.series_id IS NULL), array_agg(known.series_id) FILTER (WHERE is_lacking(known.metrics, one))
    INTO missing, lacking
    FROM unnest(asked) AS one LEFT JOIN LATERAL series_of(one.tenant, one.sensor_id, one.location) AS known ON true;

    IF missing IS NOT NULL THEN
        -- IS TRUE keeps the conditions with IN lookups in a hash table; otherwise they would become joins.
        INSERT INTO tenant (tenant)
        SELECT DISTINCT tenant FROM unnest(asked) WHERE ("position" IN (SELECT unnest(missing))) IS TRUE EXCEPT SELECT tenant FROM tenant
        ORDER BY tenant
        ON CONFLICT DO NOTHING;

        -- Those at a limit are neither locked nor changed.
        SELECT array_agg(DISTINCT tenant) INTO growing FROM unnest(asked) AS one JOIN tenant USING (tenant)
        WHERE (one."position" IN (SELECT unnest(missing))) IS TRUE AND tenant.series < one.most_sensors;
        IF growing IS NOT NULL THEN
            PERFORM FROM tenant WHERE tenant = ANY (growing) ORDER BY tenant FOR NO KEY UPDATE;
            SELECT counter.last_number INTO last_number FROM series_counter AS counter FOR UPDATE;
            WITH wanted AS (
                SELECT tenant, kind, NULL COLLATE "C" AS location, 0 AS place FROM unnest(growing) AS tenant, (VALUES ('all'), ('others')) AS of_tenant (kind)
                UNION ALL
                SELECT tenant, 'location', location, row_number() OVER (PARTITION BY tenant)
                FROM (SELECT tenant, location COLLATE "C" FROM unnest(asked) AS one WHERE ("position" IN (SELECT unnest(missing))) IS TRUE AND (tenant IN (SELECT unnest(growing))) IS TRUE
                      EXCEPT SELECT tenant, location FROM series_group WHERE kind = 'location' AND tenant = ANY (growing)) AS one (tenant, location)
            ), known AS MATERIALIZED (
                SELECT tenant, count(*) AS locations FROM series_group WHERE kind = 'location' AND tenant = ANY (growing) GROUP BY tenant
            ), made AS (
                INSERT INTO series_group (group_id, tenant, kind, location)
                SELECT series_counter.last_group + row_number() OVER (), tenant, kind, location
                FROM series_counter, (SELECT tenant, kind, location FROM wanted LEFT JOIN known USING (tenant) WHERE place <= 1000 - coalesce(locations, 0)
                                      EXCEPT SELECT tenant, kind, location FROM series_group WHERE tenant = ANY (growing)) AS wanted
                RETURNING 1
            )
            UPDATE series_counter SET last_group = last_group + (SELECT count(*) FROM made) WHERE EXISTS (SELECT FROM made);
            WITH made AS (
                INSERT INTO series (series_id, tenant, sensor_id, location, group_id, metrics, is_further)
                SELECT last_number + row_number() OVER (ORDER BY one."position"), one.tenant, one.sensor_id, one.location, coalesce(own.group_id, others.group_id), CASE WHEN cardinality(one.metrics) <= one.most_metrics THEN one.metrics ELSE '{}' END,
                       one.further > 1 OR EXISTS (SELECT FROM series WHERE series.tenant = one.tenant AND series.sensor_id = one.sensor_id)
                FROM (SELECT *, row_number() OVER (PARTITION BY tenant ORDER BY "position") AS place, row_number() OVER (PARTITION BY tenant, sensor_id) AS further
                      FROM unnest(asked) AS one
                      WHERE ("position" IN (SELECT unnest(missing))) IS TRUE
                      -- Not made by another caller meanwhile.
                      AND NOT EXISTS (SELECT FROM series_of(one.tenant, one.sensor_id, one.location))) AS one
                JOIN tenant USING (tenant)
                JOIN series_group AS others ON others.tenant = one.tenant AND others.kind = 'others'
                -- Conditions that a hash table can be looked up with.
                LEFT JOIN series_group AS own ON own.tenant = one.tenant AND own.kind = 'location' AND coalesce(own.location, '') = coalesce(one.location, '')
                                             AND (own.location IS NULL) = (one.location IS NULL)
                WHERE tenant.series + one.place <= one.most_sensors
                RETURNING series.tenant
            ), counted AS (
                UPDATE series_counter SET last_number = series_counter.last_number + (SELECT count(*) FROM made)
            ), added AS (
                UPDATE tenant SET series = tenant.series + added.series
                FROM (SELECT tenant, count(*) AS series FROM made GROUP BY tenant) AS added WHERE added.tenant = tenant.tenant
            )
            SELECT count(*) INTO made_series FROM made;
        END IF;
    END IF;
    IF made_series < cardinality(missing) OR EXISTS (SELECT FROM unnest(asked) AS one WHERE cardinality(one.metrics) > one.most_metrics) THEN
        -- Another caller may have made them meanwhile, with fewer metrics; and those with more than they may have were made without any.
        lacking := lacking || ARRAY(SELECT known.series_id FROM unnest(asked) AS one CROSS JOIN LATERAL series_of(one.tenant, one.sensor_id, one.location) AS known
                                    WHERE (one."position" IN (SELECT unnest(missing))) IS TRUE AND is_lacking(known.metrics, one));
    END IF;

    IF cardinality(lacking) > 0 THEN
        PERFORM FROM series WHERE series_id IN (SELECT unnest(lacking)) ORDER BY series_id FOR NO KEY UPDATE;
        UPDATE series SET metrics = series.metrics || ARRAY(
            SELECT metric FROM unnest(wanted.metrics) WITH ORDINALITY AS one (metric, place)
            WHERE (metric IN (SELECT unnest(series.metrics))) IS NOT TRUE
            ORDER BY place LIMIT greatest(0, wanted.most_metrics - cardinality(series.metrics)))
        FROM (SELECT known.series_id, one.metrics, one.most_metrics
              FROM unnest(asked) AS one CROSS JOIN LATERAL series_of(one.tenant, one.sensor_id, one.location) AS known
              WHERE (known.series_id IN (SELECT unnest(lacking))) IS TRUE) AS wanted
        WHERE series.series_id = wanted.series_id;
    END IF;

    RETURN QUERY
    SELECT one."position", known.series_id, known.group_id, array_to_json(known.metrics)::text,
           -- Those made here have none yet; to find that out takes a look into each partition.
           CASE WHEN known.series_id <= coalesce(last_number, known.series_id)
                THEN (SELECT (extract(epoch FROM at) * 1000000)::bigint FROM reading WHERE reading.series_id = known.series_id ORDER BY at DESC LIMIT 1) END,
           CASE WHEN known.series_id IS NULL
                THEN format('too many sensors: tenant %s has as many as it may have, %s (one at two locations counts twice)', one.tenant, one.most_sensors)
                WHEN NOT has_names(known.metrics, one.metrics) THEN format('too many metrics: the sensor has as many as it may have, %s', one.most_metrics) END
    FROM unnest(asked) AS one LEFT JOIN LATERAL series_of(one.tenant, one.sensor_id, one.location) AS known ON true;
END $$;
