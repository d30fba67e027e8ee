package sensorpipeline.bench;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Kafka and PostgreSQL for one run: a topic, a consumer group and a database of its own, on the servers that
 * the environment names, or on embedded ones in a process of their own, so that the broker's work does not count as the consumer's.
 *
 * @param settings of the consumer
 * @param environment of the consumer's process
 * @param folder of the run's files
 */
record RunServers(PipelineSettings settings, Map<String, String> environment, Path folder) {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss").withZone(ZoneOffset.UTC);

    /**
     * @param data where the run's folder is created; null for target/bench
     * @param keeps whether what is created is kept
     * @param given the environment of the bench
     * @param resources deletes again what is created, unless it is kept
     */
    static RunServers prepare(Path data, boolean keeps, Map<String, String> given, Resources resources) throws Exception {
        String name = "bench_" + TIME.format(Instant.now()) + "_" + ProcessHandle.current().pid();
        RunFolder folder = new RunFolder((data == null ? JavaProgram.target().resolve("bench") : data).resolve(name));
        resources.opening(() -> {
            if (keeps) {
                Output.say("Kept topic and database %s, and %s", name, folder.path());
            } else {
                folder.close();
            }
        });

        Map<String, String> environment = new HashMap<>(given);
        environment.put("TOPIC_NAME", name);
        environment.put(PipelineSettings.GROUP, name);
        // Free ports, so that the run does not disturb other programs.
        environment.put("MANAGEMENT_PORT", PipelineSettings.freePort());
        environment.put("API_PORT", PipelineSettings.freePort());
        PipelineSettings asGiven = new PipelineSettings(environment);
        if (asGiven.needEmbeddedServers()) {
            startEmbedded(folder.path(), asGiven, environment, resources);
        }
        PipelineSettings maintenance = new PipelineSettings(environment);
        environment.put("DB_NAME", name);
        PipelineSettings settings = new PipelineSettings(environment);
        if (asGiven.hasKafka() && !keeps) {
            resources.opening(new RunOnKafka(settings, name)::delete);
        }
        settings.createTopics();
        execute(maintenance, "CREATE DATABASE " + name);
        if (asGiven.hasDatabase() && !keeps) {
            resources.opening(() -> execute(maintenance, "DROP DATABASE " + name + " WITH (FORCE)"));
        }
        return new RunServers(settings, environment, folder.path());
    }

    /** Starts the servers that the settings do not name, and adds their addresses to the environment. */
    private static void startEmbedded(Path folder, PipelineSettings given, Map<String, String> environment, Resources resources) throws Exception {
        Path data = folder.resolve("data");
        Map<String, String> ofServers = new HashMap<>(environment);
        ofServers.putAll(Map.of("DATA_DIR", data.toString(), "EMBEDDED_KAFKA_PORT", "0", "EMBEDDED_DB_PORT", "0",
                "MANAGEMENT_PORT", "0", "API_PORT", "0", "PRODUCER_SENSORS", "0", "PRODUCER_FILE", ""));
        // A service without work that uses a missing server: the program then starts all servers that are not given.
        String service = given.hasKafka() ? "api" : "producer";
        JavaProgram servers = JavaProgram.start("servers", folder, JavaProgram.jvm(512), ofServers, List.of(service));
        // Stopped, not killed: killed, it would leave its PostgreSQL running.
        resources.opening(servers::stop);
        servers.awaitLine("Running");
        Properties addresses = new Properties();
        try (Reader reader = Files.newBufferedReader(data.resolve("servers.properties"))) {
            addresses.load(reader);
        }
        if (!given.hasKafka()) {
            environment.put("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + addresses.getProperty("kafka.port"));
        }
        if (!given.hasDatabase()) {
            environment.putAll(Map.of("DB_HOST", "127.0.0.1", "DB_PORT", addresses.getProperty("db.port"), "DB_NAME", "postgres",
                    "DB_USER", "postgres", "DB_PASSWORD", "", "DB_PASSWORD_FILE", ""));
        }
    }

    private static void execute(PipelineSettings settings, String sql) throws SQLException {
        try (Connection connection = settings.connect(); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
