package sensorpipeline.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import sensorpipeline.settings.Settings;

/** The containers of deploy/compose.yaml, with their own project name and ports. Closing deletes them and their data. Used by one thread. */
public final class Composition implements AutoCloseable {

    private static final String PROJECT = "sensor-pipeline-test-" + ProcessHandle.current().pid();
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Map<String, String> environment = new HashMap<>();

    /** @param image of the program */
    public Composition(String image) {
        environment.put("IMAGE", image);
        environment.put("NEXT_IMAGE", image);
        environment.put("PRODUCER_SENSORS", "0");
        for (String port : List.of("API_PORT", "DASHBOARD_PORT", "KAFKA_PORT", "DB_PORT", "PROMETHEUS_PORT")) {
            environment.put(port, String.valueOf(SteadyPorts.anyFree()));
        }
    }

    /** @return this; the variable of deploy/compose.yaml takes effect with the next {@link #up} */
    public Composition with(String name, Object value) {
        environment.put(name, String.valueOf(value));
        return this;
    }

    /** Starts or recreates services as needed, and waits until all are healthy. */
    public void up() {
        compose("up", "--detach", "--wait");
    }

    /** @return output of a Compose command, which has to succeed */
    public String compose(String... arguments) {
        List<String> command = new ArrayList<>(List.of("compose", "--project-name", PROJECT, "--file", "deploy/compose.yaml",
                "--file", "src/test/resources/compose-test.yaml", "--progress", "quiet"));
        command.addAll(List.of(arguments));
        return Docker.run(environment, command);
    }

    /**
     * Pauses a service. Tried again where the kernel refuses: with version 1 of control groups, a container whose processes start
     * others meanwhile cannot always be frozen (opencontainers/runc, pull request 2791), and stays as it was.
     */
    public void pause(String service) {
        Awaitility.await(service + " is paused").atMost(LIMIT).pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> compose("pause", service));
    }

    /** @return the name of the container of a service */
    public String container(String service) {
        return PROJECT + "-" + service + "-1";
    }

    /** @return the name of the network of all services */
    public String network() {
        return PROJECT + "_pipeline";
    }

    /** @return properties of a service's container, selected by a Go template */
    public String inspect(String service, String template) {
        return Docker.run("inspect", "--format", template, container(service));
    }

    /** Waits until a service is healthy. */
    public void awaitHealth(String service) {
        Awaitility.await(service + " is healthy").atMost(LIMIT).pollInterval(Duration.ofMillis(500))
                .until(() -> inspect(service, "{{.State.Health.Status}}").equals("healthy"));
    }

    /** @return settings to connect to its Kafka and PostgreSQL from this machine */
    public Settings settings() {
        return Settings.load(Map.of("KAFKA_BOOTSTRAP_SERVERS", "localhost:" + environment.get("KAFKA_PORT"),
                "DB_HOST", "127.0.0.1", "DB_PORT", environment.get("DB_PORT"),
                "DB_PASSWORD", compose("exec", "--no-TTY", "db", "cat", "/run/password/db")));
    }

    /** @return a client of the dashboard */
    public Http dashboard() {
        return new Http(Integer.parseInt(environment.get("DASHBOARD_PORT")));
    }

    /** @return a client of Prometheus */
    public Http prometheus() {
        return new Http(Integer.parseInt(environment.get("PROMETHEUS_PORT")));
    }

    /** @return a client of the REST API */
    public Http api() {
        return new Http(Integer.parseInt(environment.get("API_PORT")));
    }

    @Override
    public void close() {
        compose("--profile", "monitoring", "down", "--volumes", "--timeout", "20");
    }
}
