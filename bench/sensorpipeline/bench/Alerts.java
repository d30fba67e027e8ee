package sensorpipeline.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import sensorpipeline.alerts.EvaluationCost;

/**
 * Measures how soon alerts are told: from the moment at which Kafka appends a reading until the live stream has the alert, while the store is stopped and readings wait for it, and while it
 * catches up. Also measures what evaluating a reading costs. bench/README.md explains the figures.
 */
public final class Alerts {

    static final String USAGE = """
            Usage: bench/alerts [option ...]

              --sensors N     sensors that send readings (10000)
              --rate R        readings per second that they send (50000)
              --rules N       alert rules; a tenth of them applies to each sensor (100)
              --backlog N     readings that wait for the store, which is stopped (5000000)
              --seconds N     how long alerts are measured while the store is stopped, and again while it catches up (30)
              --data DIR      where the embedded servers create a folder for their data (target/bench)

            The servers are those of KAFKA_BOOTSTRAP_SERVERS and DB_HOST (with DB_PORT, DB_NAME, DB_USER, DB_PASSWORD), or
            embedded ones that are started for the run.
            """;

    private static final int HEAP = 512;

    private Alerts() {
    }

    /** Prints the figures as one line of JSON. Exits with 0, 1 if the run failed, or 2 for a wrong command line. */
    public static void main(String[] arguments) {
        System.exit(Benchmark.run(USAGE, arguments, Resources.closedOnExit(), Alerts::measure));
    }

    private static Map<String, Object> measure(String[] arguments, Resources resources) throws Exception {
        Arguments given = new Arguments(arguments, Set.of("--sensors", "--rate", "--rules", "--backlog", "--seconds", "--data"), Set.of());
        long sensors = given.whole("--sensors", 10_000, 1, 1_000_000);
        long rate = given.whole("--rate", 50_000, 1, 10_000_000);
        long rules = given.whole("--rules", 100, 1, 10_000);
        long backlog = given.whole("--backlog", 5_000_000, 1, 1_000_000_000);
        long seconds = given.whole("--seconds", 30, 1, 100_000);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("sensors", sensors);
        result.put("rate", rate);
        result.put("rules", rules);
        result.put("backlog", backlog);
        EvaluationCost.measure(result);
        RunServers servers = RunServers.prepare(given.has("--data") ? Path.of(given.text("--data")).toAbsolutePath() : null, false,
                new HashMap<>(Map.of("ALERTS_GROUP", "bench_alerts_" + ProcessHandle.current().pid(), "LIMIT_SENSORS", "1100000")), resources);
        servers.settings().migrate();
        addRules(servers.settings(), rules);
        JavaProgram alerts = resources.opening(JavaProgram.start("alerts", servers.folder(), JavaProgram.jvm(HEAP), servers.environment(), List.of("alerts", "api")));
        alerts.awaitLine("Running");
        send(resources, servers, sensors, backlog, 0);
        Output.say("%,d readings wait for the store", backlog);
        Thread load = new Thread(() -> sendAtRate(resources, servers, sensors, rate, rate * (2 * seconds + 20)), "load");
        load.setDaemon(true);
        load.start();
        try (AlertProbe probe = new AlertProbe(servers.settings())) {
            probe.measure("warm_up", 10, result);
            probe.measure("store_stopped", seconds, result);
            JavaProgram consumer = resources.opening(JavaProgram.start("consumer", servers.folder(), JavaProgram.jvm(HEAP),
                    withPort(servers.environment()), List.of("consumer")));
            consumer.awaitLine("Running");
            probe.measure("store_catching_up", seconds, result);
        }
        alerts.requireAlive();
        return result;
    }

    private static Map<String, String> withPort(Map<String, String> environment) {
        Map<String, String> own = new HashMap<>(environment);
        own.put("MANAGEMENT_PORT", PipelineSettings.freePort());
        return own;
    }

    /** Each applies to the sensors whose ids end with one digit, and to the probes. */
    private static void addRules(PipelineSettings settings, long rules) throws Exception {
        try (Connection connection = settings.connect(); Statement statement = connection.createStatement()) {
            statement.execute("SET pipeline.tenant = 'default'");
            for (long rule = 0; rule < rules; rule++) {
                String definition = "{\"name\":\"rule %d\",\"severity\":\"warning\",\"metric\":\"%s\",\"above\":%d,\"for\":\"10s\",\"sensors\":[\"sensor-*%d\"]}"
                        .formatted(rule, rule % 20 < 10 ? "temperature" : "humidity", 90 + rule, rule % 10);
                statement.execute("SELECT save_alert_rule(NULL, 'rule %d', '%s')".formatted(rule, definition));
            }
            statement.execute("SELECT save_alert_rule(NULL, 'probe', '{\"name\":\"probe\",\"severity\":\"critical\",\"metric\":\"probed\",\"above\":0}')");
        }
    }

    private static void send(Resources resources, RunServers servers, long sensors, long count, long rate) throws Exception {
        List<String> options = rate == 0 ? List.of("--events", String.valueOf(count), "--sensors", String.valueOf(sensors))
                : List.of("--events", String.valueOf(count), "--sensors", String.valueOf(sensors), "--rate", String.valueOf(rate));
        IngestOptions of = new IngestOptions(options.toArray(String[]::new), Map.of());
        Sender sender = resources.opening(new Sender(servers.settings(), of, new Workload(of)));
        if (rate == 0) {
            sender.preload();
        } else {
            sender.sendPaced();
        }
    }

    private static void sendAtRate(Resources resources, RunServers servers, long sensors, long rate, long count) {
        try {
            send(resources, servers, sensors, count, rate);
        } catch (Exception e) {
            Output.say("The load has ended: %s", e);
        }
    }
}
