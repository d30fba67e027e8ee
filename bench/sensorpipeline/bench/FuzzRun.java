package sensorpipeline.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends hostile records to a running program, waits until it is done with them, and checks that none is missing, that PostgreSQL has refused
 * none, and that statistics and the REST API answer what was stored. Not thread-safe.
 */
final class FuzzRun {

    private static final Duration STALL_LIMIT = Duration.ofMinutes(5);
    private static final long STEP_MILLISECONDS = 200;
    private static final int SHOWN_CHARACTERS = 1000;
    private static final List<String> CALLS = List.of("/data/latest?limit=1000", "/data/stats", "/data/stats?from=-36h&metric=temperature", "/data/stats?sensor_id=sensor-1&from=2000-01-01T00:00:00Z",
            "/data/readings?limit=5000", "/sensors", "/data/series?metric=temperature&from=2000-01-01T00:00:00Z", "/data/series?metric=temperature&from=-48h&sensor_id=sensor-1", "/data/series?metric=co2&from=-48h",
            "/dead-letters", "/pipeline", "/health");

    /** Statistics of all tenants, as the REST API computes them; and recounts of the statistics by hour, of which the sums may differ in the last digits. */
    private static final String AVERAGES = """
            SELECT count(average) FROM (
                SELECT average_of(scaled_total, readings) AS average FROM rollup_hour
                UNION ALL SELECT average_of(scaled_total, readings) FROM rollup_month
                UNION ALL SELECT average_of(scaled_total, readings) FROM rollup_total
                UNION ALL SELECT average_of(scaled_total, readings) FROM rollup_total_month
                UNION ALL SELECT average_of(sum(scaled_total), sum(readings)) FROM rollup_total_month GROUP BY metric) AS averages""";
    private static final String WRONG_HOURS = """
            SELECT count(*) FROM (
                SELECT date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00') AS hour, series_id, position::smallint,
                       count(*) AS readings, min(at) AS first_at, max(at) AS last_at, min(value) AS lowest, max(value) AS highest
                FROM reading CROSS JOIN LATERAL unnest("values") WITH ORDINALITY AS metric (value, position) WHERE value IS NOT NULL GROUP BY 1, 2, 3) AS recounted
            FULL JOIN rollup_hour AS known USING (hour, series_id, position)
            WHERE (recounted.readings, recounted.first_at, recounted.last_at, recounted.lowest, recounted.highest)
                  IS DISTINCT FROM (known.readings, known.first_at, known.last_at, known.lowest, known.highest)""";

    private static final String WRONG_TOTALS = """
            SELECT count(*) FROM (
                SELECT of_series.group_id, date_bin('1 hour', at, timestamptz '2000-01-01 00:00:00+00') AS hour, metrics[position] AS metric,
                       count(*) AS readings, min(value) AS lowest, max(value) AS highest
                FROM reading JOIN series USING (series_id)
                JOIN series_group AS of_series ON of_series.group_id = series.group_id OR of_series.kind = 'all' AND of_series.tenant = series.tenant
                CROSS JOIN LATERAL unnest("values") WITH ORDINALITY AS metric (value, position)
                WHERE value IS NOT NULL GROUP BY 1, 2, 3) AS recounted
            FULL JOIN (
                SELECT group_id, hour, metric, sum(readings) AS readings, min(lowest) AS lowest, max(highest) AS highest
                FROM (SELECT group_id, hour, metric, readings, lowest, highest FROM rollup_total
                      UNION ALL
                      SELECT of_series.group_id, hour, metric, readings, lowest, highest FROM pending_total CROSS JOIN unnest(totals) AS one
                      JOIN series_group AS of_series ON of_series.group_id = one.group_id OR of_series.kind = 'all' AND of_series.tenant = pending_total.tenant) AS parts
                GROUP BY 1, 2, 3) AS known USING (group_id, hour, metric)
            WHERE (recounted.readings, recounted.lowest, recounted.highest) IS DISTINCT FROM (known.readings, known.lowest, known.highest)""";

    private final PipelineSettings settings;
    private final int count;
    private final FuzzRecords records;
    private final FuzzSender sender;
    private final Instant start = Instant.now();
    private final List<String> problems = new ArrayList<>();

    /**
     * @param settings of a program that stores and answers; its topics and its database are the run's own
     * @param seed of the records
     * @param count how many of them are sent
     */
    FuzzRun(PipelineSettings settings, long seed, int count) {
        this.settings = settings;
        this.count = count;
        records = new FuzzRecords(seed, start.truncatedTo(ChronoUnit.DAYS));
        sender = new FuzzSender(settings, records);
    }

    /** Creates the tenants' topics and limits. The program must not run yet, or it would learn of them later. */
    void prepare() throws Exception {
        settings.createTopics();
        Set<String> tenants = new LinkedHashSet<>(FuzzRecords.TENANTS);
        settings.createTopicsOf(tenants);
        settings.migrate();
        try (Connection connection = settings.connect(); Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO tenant_limit VALUES ('" + FuzzRecords.LIMITED + "', 150, 5)");
            statement.execute("INSERT INTO tenant_retention VALUES ('" + FuzzRecords.BRIEF + "', '300 days', '300 days')");
        }
    }

    /** Publishes all records, and returns when Kafka has them. */
    void send() {
        long begin = System.nanoTime();
        sender.send(count);
        Output.say("Sent %,d records in %.0f s", count, (System.nanoTime() - begin) / 1e9);
    }

    /** Waits until all records are processed and their statistics written. */
    void awaitDone(ConsumerGroup group, Ledger ledger, Runnable program) throws Exception {
        long progressAt = System.nanoTime();
        long[] last = {-1, -1};
        while (true) {
            program.run();
            long[] now = {group.lag(settings.topicsOf(FuzzRecords.TENANTS)), ledger.read().waiting()};
            if (now[0] == 0 && now[1] == 0) {
                return;
            }
            if (now[0] != last[0] || now[1] != last[1]) {
                progressAt = System.nanoTime();
                last = now;
            } else if (System.nanoTime() - progressAt > STALL_LIMIT.toNanos()) {
                throw new Failure("No progress for %d s: %,d records are not stored, %,d batches wait for rollups".formatted(STALL_LIMIT.toSeconds(), now[0], now[1]));
            }
            Thread.sleep(STEP_MILLISECONDS);
        }
    }

    /**
     * Compares what became of each record with what should, and asks for all of it; tells what is wrong.
     *
     * @param result the figures are added to it, with "exact"
     */
    void check(Map<String, Object> result) throws Exception {
        FuzzOutcomes outcomes = new FuzzOutcomes(records, count, start);
        try (Connection connection = settings.connect()) {
            outcomes.read(connection, sender);
            outcomes.check();
            outcomes.tell();
            compare(outcomes, connection, result);
            askForStatistics(connection);
            callApi(connection);
        }
        problems.forEach(problem -> Output.say("%s", problem));
        result.put("reasons", outcomes.reasons());
        result.put("wrong_records", outcomes.offences());
        result.put("exact", outcomes.offences() == 0 && problems.isEmpty());
    }

    private void compare(FuzzOutcomes outcomes, Connection connection, Map<String, Object> result) throws Exception {
        String metrics = new HttpCalls(settings.managementPort()).text("/observe/metrics");
        long stored = counted(metrics, "readings_stored");
        long merged = counted(metrics, "readings_merged");
        long repeated = counted(metrics, "readings_repeated");
        long deadLetters = counted(metrics, "dead_letters");
        result.put("stored", stored);
        result.put("merged", merged);
        result.put("repeated", repeated);
        result.put("dead_letters", deadLetters);
        requireSame("records, and those that are stored, merged, repeated or dead letters", count, stored + merged + repeated + deadLetters);
        requireSame("rows of dead letters, and those counted", outcomes.deadLetters(), deadLetters);
        requireSame("readings that the accepted records make, and those counted", outcomes.readings(), stored);
        requireSame("readings that the accepted records make, and those in the table", outcomes.readings(), number(connection, "SELECT count(*) FROM reading"));
        requireSame("accepted records, and those that are stored, merged or repeated", outcomes.accepted(), stored + merged + repeated);
    }

    private void requireSame(String what, long expected, long found) {
        if (expected != found) {
            problems.add("%s differ: %,d and %,d".formatted(what, expected, found));
        }
    }

    private static long counted(String metrics, String name) {
        Matcher line = Pattern.compile("^sensor_pipeline_" + name + "_total(?:\\{[^}]*})? (\\S+)$", Pattern.MULTILINE).matcher(metrics);
        if (!line.find()) {
            throw new Failure("The program has no metric " + name);
        }
        return (long) Double.parseDouble(line.group(1));
    }

    private void askForStatistics(Connection connection) {
        try {
            number(connection, AVERAGES);
            requireSame("statistics by hour, none of which should differ from a recount, and those which do", 0, number(connection, WRONG_HOURS));
            requireSame("totals of all sensors, none of which should differ from a recount, and those which do", 0, number(connection, WRONG_TOTALS));
        } catch (SQLException e) {
            problems.add("PostgreSQL cannot compute statistics: " + e.getMessage());
        }
    }

    private void callApi(Connection connection) throws Exception {
        HttpCalls api = new HttpCalls(settings.apiPort());
        for (String call : CALLS) {
            HttpResponse<byte[]> answer = api.get(call);
            String fault = answer.statusCode() == 200 ? faultOfJson(answer.body()) : new String(answer.body(), StandardCharsets.UTF_8);
            if (fault != null) {
                problems.add("GET %s: %d %s".formatted(call, answer.statusCode(), fault.substring(0, Math.min(SHOWN_CHARACTERS, fault.length()))));
            }
        }
        long lines = 0;
        try (BufferedReader export = new BufferedReader(new InputStreamReader(api.stream("/data/readings?format=ndjson"), StandardCharsets.UTF_8))) {
            for (String line = export.readLine(); line != null; line = export.readLine()) {
                lines++;
                String fault = faultOfJson(line.getBytes(StandardCharsets.UTF_8));
                if (fault != null) {
                    problems.add("Line " + lines + " of the export is not JSON: " + fault);
                }
            }
        }
        requireSame("readings of the tenant, and lines of its export", number(connection, "SELECT count(*) FROM readings WHERE tenant = 'default'"), lines);
    }

    /** @return why it is not JSON, or null */
    private static String faultOfJson(byte[] bytes) {
        JsonFactory json = JsonFactory.builder().streamReadConstraints(StreamReadConstraints.builder().maxNumberLength(Integer.MAX_VALUE).build()).build();
        try (JsonParser parser = json.createParser(bytes)) {
            while (parser.nextToken() != null) {
                // Numbers are read only when asked for.
                if (parser.currentToken().isNumeric()) {
                    parser.getText();
                }
            }
            return null;
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
