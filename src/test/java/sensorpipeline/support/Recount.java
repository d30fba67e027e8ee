package sensorpipeline.support;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** Compares the statistics with an aggregation of all readings. */
public final class Recount {

    /** Compares the hourly rollups with an aggregation of all readings. */
    private static final String HOURS = """
            WITH recounted AS (
                SELECT date_trunc('hour', at, 'UTC') AS hour, series_id, m.position, count(*) AS readings, min(at) AS first_at, max(at) AS last_at,
                       avg(m.value) AS average, min(m.value) AS lowest, max(m.value) AS highest
                FROM reading CROSS JOIN LATERAL unnest("values") WITH ORDINALITY AS m (value, position) WHERE m.value IS NOT NULL GROUP BY 1, 2, 3
            ), statistics AS (
                SELECT hour, series_id, position, sum(readings) AS readings, min(first_at) AS first_at, max(last_at) AS last_at,
                       average_of(sum(scaled_total), sum(readings)) AS average, min(lowest) AS lowest, max(highest) AS highest
                FROM (SELECT * FROM rollup_hour UNION ALL
                      SELECT * FROM hours_of_readings((SELECT array_agg(batch_id) FROM batch WHERE NOT rolled_up), '-infinity', 'infinity')
                      WHERE EXISTS (SELECT FROM batch WHERE NOT rolled_up)) AS parts
                GROUP BY 1, 2, 3
            )
            SELECT count(*) FILTER (WHERE (r.readings, r.first_at, r.last_at, r.lowest, r.highest)
                                    IS DISTINCT FROM (s.readings, s.first_at, s.last_at, s.lowest, s.highest)
                                    OR abs(r.average - s.average) > 1e-9 * greatest(1, abs(r.average)))
                   || ' of ' || count(*) FROM recounted r FULL JOIN statistics s USING (hour, series_id, position)""";

    /** Compares the number of readings by hour with those that the rollups count, each at one of its metrics. */
    private static final String EVENTS = """
            WITH recounted AS (
                SELECT date_trunc('hour', at, 'UTC') AS hour, series_id, count(*) AS events FROM reading GROUP BY 1, 2
            ), statistics AS (
                SELECT hour, series_id, sum(events) AS events
                FROM (SELECT hour, series_id, events FROM rollup_hour UNION ALL
                      SELECT hour, series_id, events FROM hours_of_readings((SELECT array_agg(batch_id) FROM batch WHERE NOT rolled_up), '-infinity', 'infinity')
                      WHERE EXISTS (SELECT FROM batch WHERE NOT rolled_up)) AS parts
                GROUP BY 1, 2
            )
            SELECT count(*) FILTER (WHERE r.events IS DISTINCT FROM s.events) || ' of ' || count(*) FROM recounted r FULL JOIN statistics s USING (hour, series_id)""";

    /** Compares what is known of each series with its hourly rollups. */
    private static final String ACTIVITY = """
            WITH hours AS (SELECT series_id, max(last_at) AS last_at, max(last_received_at) AS last_received_at FROM rollup_hour GROUP BY 1)
            SELECT count(*) FILTER (WHERE (h.last_at, h.last_received_at) IS DISTINCT FROM (a.last_at, a.last_received_at)) || ' of ' || count(*)
            FROM hours h FULL JOIN series_activity a USING (series_id)""";

    /** Compares the totals over all sensors with those of all readings. */
    private static final String TOTALS = "WITH recounted AS (" + Database.RECOUNTED_TOTALS + "), totals AS (" + Database.TOTALS + """
            )
            SELECT count(*) FILTER (WHERE (r.readings, r.first_at, r.last_at, r.lowest, r.highest, r.last_received_at) IS DISTINCT FROM (t.readings, t.first_at, t.last_at, t.lowest, t.highest, t.last_received_at)
                                    OR abs(r.scaled_total - t.scaled_total) > 1e-9 * greatest(1e-9, abs(r.scaled_total)))
                   || ' of ' || count(*) FROM recounted r FULL JOIN totals t USING (group_id, hour, metric)""";

    /** The same of the number of readings, each of which counts at one of its metrics. */
    private static final String EVENTS_OF_TOTALS = "WITH recounted AS (SELECT group_id, hour, sum(events) AS events FROM (" + Database.RECOUNTED_TOTALS + """
            ) AS one GROUP BY 1, 2), totals AS (SELECT group_id, hour, sum(events) AS events FROM (""" + Database.TOTALS + """
            ) AS one GROUP BY 1, 2)
            SELECT count(*) FILTER (WHERE r.events IS DISTINCT FROM t.events) || ' of ' || count(*) FROM recounted r FULL JOIN totals t USING (group_id, hour)""";

    /** Those of months are sums of those of hours, at any moment. */
    private static final String MONTHS_OF_TOTALS = """
            WITH hours AS (SELECT group_id, date_trunc('month', hour, 'UTC') AS month, metric, sum(readings) AS readings, sum(events) AS events, min(first_at) AS first_at,
                                  max(last_at) AS last_at, sum(scaled_total) AS total, min(lowest) AS lowest, max(highest) AS highest FROM rollup_total GROUP BY 1, 2, 3)
            SELECT count(*) FILTER (WHERE (h.readings, h.events, h.first_at, h.last_at, h.lowest, h.highest)
                                    IS DISTINCT FROM (m.readings, m.events, m.first_at, m.last_at, m.lowest, m.highest)
                                    OR abs(h.total - m.scaled_total) > 1e-9 * greatest(1e-9, abs(h.total)))
                   || ' of ' || count(*) FROM hours h FULL JOIN rollup_total_month m USING (group_id, month, metric)""";

    /** Those of minutes of hours that are known by minute are the totals of their readings. */
    private static final String MINUTES_OF_TOTALS = """
            WITH complete AS (
                SELECT tenant, hour FROM rollup_total JOIN series_group USING (group_id)
                WHERE kind = 'all' AND hour NOT IN (SELECT hour FROM pending_total CROSS JOIN unnest(totals))
                GROUP BY tenant, group_id, hour
                HAVING sum(readings) = (SELECT sum(readings) FROM rollup_total_minute AS of_all
                                        WHERE of_all.group_id = rollup_total.group_id AND minute >= hour AND minute < hour + interval '1 hour')
            ), known AS (
                SELECT group_id, hour, metric FROM rollup_total JOIN series_group USING (group_id) JOIN complete USING (tenant, hour) WHERE kind <> 'all'
            ), recounted AS (
                SELECT minute_of(at) AS minute, group_id, metrics[m.position] AS metric, count(*) AS readings, min(at) AS first_at, max(at) AS last_at,
                       sum(scaled(m.value)) AS scaled_total, min(m.value) AS lowest, max(m.value) AS highest
                FROM reading JOIN series USING (series_id) CROSS JOIN LATERAL unnest("values") WITH ORDINALITY AS m (value, position)
                WHERE m.value IS NOT NULL AND (group_id, date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00'), metrics[m.position]) IN (TABLE known) GROUP BY 1, 2, 3
            ), minutes AS (
                SELECT * FROM rollup_total_minute WHERE (group_id, date_bin('1 hour', minute, timestamptz '2000-01-01 00:00:00+00'), metric) IN (TABLE known)
            )
            SELECT count(*) FILTER (WHERE (r.readings, r.first_at, r.last_at, r.lowest, r.highest) IS DISTINCT FROM (m.readings, m.first_at, m.last_at, m.lowest, m.highest)
                                    OR abs(r.scaled_total - m.scaled_total) > 1e-9 * greatest(1e-9, abs(r.scaled_total)))
                   || ' of ' || count(*) FROM recounted r FULL JOIN minutes m USING (minute, group_id, metric)""";

    private Recount() {
    }

    /** Asserts that all statistics equal those of the readings at this moment, each by a query of its own. */
    public static void assertEqual(Database database) {
        for (String recount : new String[] {HOURS, EVENTS, Database.MONTHS_RECOUNTED, ACTIVITY, TOTALS, EVENTS_OF_TOTALS, MONTHS_OF_TOTALS, MINUTES_OF_TOTALS}) {
            String differing = database.ask(recount);
            assertTrue(differing.startsWith("0 of "), differing + ": " + recount);
        }
    }
}
