package sensorpipeline.bench;

import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures response times of the REST API: starts the program with embedded servers, fills its database, and calls it with
 * concurrent callers. bench/README.md explains the figures.
 */
public final class Api {

    /** Java needs this long under load to compile what every request uses. */
    private static final Duration WARM_UP = Duration.ofSeconds(30);
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    /** Until the simulated sensors send at their full rate. */
    private static final Duration INGEST_WARM_UP = Duration.ofSeconds(20);
    private static final int HEAP_MB = 512;
    private static final int SECONDS_OF_A_DAY = 86_400;
    private static final Map<String, String> ASKED_BY_ALL = new LinkedHashMap<>();
    private static final Map<String, String> ASKED_BY_ONE = new LinkedHashMap<>();

    static {
        ASKED_BY_ALL.put("latest", "/data/latest?limit=100");
        ASKED_BY_ALL.put("stats", "/data/stats?limit=30");
        ASKED_BY_ALL.put("stats_of_a_day", "/data/stats?from=-24h&limit=30");
        ASKED_BY_ALL.put("readings_page", "/data/readings?limit=1000&from=-10h");
        ASKED_BY_ALL.put("list_of_sensors", "/sensors?limit=50");
        ASKED_BY_ALL.put("search_of_sensors", "/sensors?limit=50&search=7");
        ASKED_BY_ALL.put("series_of_a_day", "/data/series?metric=temperature&from=-24h");
        ASKED_BY_ALL.put("series_of_a_sensor_and_month", "/data/series?metric=temperature&from=-30d&sensor_id=sensor-007");
        ASKED_BY_ALL.put("stats_of_1000_sensors", "/data/stats");
        ASKED_BY_ALL.put("list_of_1000_sensors", "/sensors");
        ASKED_BY_ONE.put("readings_of_a_sensor", "/data/readings?limit=100&sensor_id=sensor-007");
        ASKED_BY_ONE.put("readings_of_an_unknown_sensor", "/data/readings?limit=100&sensor_id=unknown");
        ASKED_BY_ONE.put("series_of_a_month", "/data/series?metric=temperature&from=-30d");
    }

    private final ApiOptions options;
    private final Resources resources;
    private final RunFolder folder;
    private final Map<String, String> environment;
    private final HttpCalls api;
    private final Map<String, Object> result = new LinkedHashMap<>();

    private Api(ApiOptions options, Resources resources) throws Exception {
        this.options = options;
        this.resources = resources;
        folder = resources.opening(new RunFolder(JavaProgram.target().resolve("bench-api-" + ProcessHandle.current().pid())));
        environment = environment(folder);
        if (!options.remembers) {
            // Otherwise, of the same question again and again, only the first would be measured.
            environment.put("API_ANSWERS_BYTES", "0");
        }
        api = new HttpCalls(Integer.parseInt(environment.get("API_PORT")));
    }

    /** Prints the figures as one line of JSON. Exits with 0, 1 if the run failed, 2 for a wrong command line. */
    public static void main(String[] arguments) {
        System.exit(Benchmark.run(ApiOptions.USAGE, arguments, Resources.closedOnExit(),
                (given, resources) -> new Api(new ApiOptions(given), resources).measure()));
    }

    /** @return environment of the programs: embedded servers that they share, on free ports */
    private static Map<String, String> environment(RunFolder folder) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.keySet().removeIf(name -> name.startsWith("DB_") || name.startsWith("KAFKA_"));
        for (String port : List.of("API_PORT", "DASHBOARD_PORT", "EMBEDDED_DB_PORT", "EMBEDDED_KAFKA_PORT", "MANAGEMENT_PORT")) {
            environment.put(port, PipelineSettings.freePort());
        }
        environment.put("DATA_DIR", folder.path().resolve("data").toString());
        environment.put("API_BASE_URL", "http://127.0.0.1:" + environment.get("API_PORT"));
        return environment;
    }

    private Map<String, Object> measure() throws Exception {
        JavaProgram program = start(Map.of("PRODUCER_SENSORS", "0"), "consumer", "api");
        awaitHealthy(program);
        fill();
        options.describe(result);
        if (options.ingest > 0) {
            long interval = Math.max(1, 1000L * options.sensors / options.ingest);
            start(Map.of("PRODUCER_SENSORS", String.valueOf(options.sensors), "PRODUCER_INTERVAL", String.valueOf(interval), "MANAGEMENT_PORT", "0"), "producer");
            Thread.sleep(INGEST_WARM_UP.toMillis());
        }
        if (options.holds) {
            hold();
        }
        Callers callers = new Callers(api, Duration.ofSeconds(options.seconds));
        callers.call(ASKED_BY_ALL.get("latest"), options.callers, WARM_UP);
        measure(callers, ASKED_BY_ALL, options.callers);
        measure(callers, ASKED_BY_ONE, 1);
        if (options.exports) {
            new CsvExport(api, new JvmMetrics(Integer.parseInt(environment.get("MANAGEMENT_PORT"))), program.pid()).measure(result);
        }
        return result;
    }

    private void measure(Callers callers, Map<String, String> calls, int concurrent) throws InterruptedException {
        for (Map.Entry<String, String> call : calls.entrySet()) {
            result.put(call.getKey(), callers.measure(call.getValue(), concurrent));
        }
    }

    /** @param changes to the common environment */
    private JavaProgram start(Map<String, String> changes, String... services) throws Exception {
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(changes);
        JavaProgram program = JavaProgram.start(services[0], folder.path(), JavaProgram.jvm(HEAP_MB), all, List.of(services));
        // Stopped, not killed: killed, it would leave its PostgreSQL running.
        resources.opening(program::stop);
        return program;
    }

    private void awaitHealthy(JavaProgram program) throws InterruptedException {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (!isHealthy()) {
            program.requireAlive();
            if (System.nanoTime() > end) {
                throw new Failure("The program was not healthy within %d s:%n%s".formatted(START_LIMIT.toSeconds(), program.lastLines()));
            }
            Thread.sleep(200);
        }
    }

    private boolean isHealthy() throws InterruptedException {
        try {
            return api.get("/health").statusCode() == 200;
        } catch (IOException e) {
            // The port is not open yet.
            return false;
        }
    }

    private void fill() throws Exception {
        long start = System.nanoTime();
        Map<String, String> given = new HashMap<>(environment);
        given.putAll(Map.of("DB_HOST", "127.0.0.1", "DB_PORT", environment.get("EMBEDDED_DB_PORT"), "DB_NAME", "postgres",
                "DB_USER", "postgres", "DB_PASSWORD", ""));
        try (Connection connection = new PipelineSettings(given).connect()) {
            new Fill(options, Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds((long) (options.idleDays * SECONDS_OF_A_DAY))).into(connection);
        }
        Output.say("Inserted %,d readings in %.0f s", options.readings, (System.nanoTime() - start) / 1e9);
    }

    /** Runs the dashboard as well, until Ctrl-C. */
    private void hold() throws Exception {
        start(Map.of("MANAGEMENT_PORT", "0"), "dashboard");
        Output.say("REST API %s, dashboard http://127.0.0.1:%s, PostgreSQL 127.0.0.1:%s; Ctrl-C stops them",
                api.address(), environment.get("DASHBOARD_PORT"), environment.get("EMBEDDED_DB_PORT"));
        Thread.currentThread().join();
    }
}
