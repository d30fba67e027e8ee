package sensorpipeline.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;
import sensorpipeline.support.SteadyPorts;
import sensorpipeline.support.TestCertificate;

/**
 * deploy/monitoring with a real Prometheus that scrapes a running program: the dashboard's queries return data, and the metrics of the
 * alerts exist. Skipped if Prometheus is not installed; with CONTAINERS_REQUIRED=true, as in CI, fails instead.
 */
class MonitoringIT {

    private static final Path FOLDER = Path.of("deploy/monitoring");
    private static final Duration LIMIT = Duration.ofMinutes(2);
    /** Between two rounds of traffic */
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Pattern METRIC = Pattern.compile("\\b(?:sensor_pipeline|hikaricp|jvm|process)_[a-z_]+|\\bup\\b");
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Pipeline pipeline;
    private static Process prometheus;
    private static Http queries;
    private static Thread traffic;
    private static volatile boolean isOver;

    @BeforeAll
    static void start() throws Exception {
        if (!"true".equals(System.getenv("CONTAINERS_REQUIRED"))) {
            Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/prometheus")), "Prometheus is not installed, so its queries are not tested");
        }
        Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target/monitoring")), "run");
        TestCertificate certificate = TestCertificate.make(folder, "dns:localhost");
        Settings settings = Servers.settings().with("producer.sensors", 5).with("producer.interval", "200ms").with("api.port", SteadyPorts.anyFree())
                .with("listen.tls.certificate", certificate.certificate()).with("listen.tls.key", certificate.key());
        pipeline = new Pipeline(settings, Services.all());
        pipeline.start();
        int port = SteadyPorts.anyFree();
        Files.writeString(folder.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: [%s]
                scrape_configs:
                  - job_name: sensor-pipeline
                    metrics_path: /observe/metrics
                    static_configs: [{targets: ["127.0.0.1:%d"]}]
                """.formatted(FOLDER.resolve("alerts.yaml").toAbsolutePath(), pipeline.port("management.port")));
        prometheus = new ProcessBuilder("prometheus", "--config.file=" + folder.resolve("prometheus.yml"), "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port).redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        queries = new Http(port);
        makeTraffic(settings, certificate.client(HttpClient.Version.HTTP_1_1));
    }

    /** Sends new and duplicate readings, invalid records, and valid and invalid requests until the end. */
    private static void makeTraffic(Settings settings, HttpClient client) {
        String api = "https://localhost:" + pipeline.port("api.port");
        List<URI> asked = Stream.of("/data/stats", "/data/latest?limit=x", "/nowhere", "/sensors").map(path -> URI.create(api + path)).toList();
        traffic = new Thread(() -> {
            try (Readings devices = new Readings(settings)) {
                while (!isOver) {
                    String reading = Readings.json("device", Instant.now().toString(), 21);
                    devices.send(reading, reading, "no reading");
                    for (URI address : asked) {
                        client.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.discarding());
                    }
                    // The dashboard shows its pauses.
                    System.gc();
                    // Paced, to leave CPU time to other tests.
                    LockSupport.parkNanos(PAUSE.toNanos());
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }, "traffic");
        traffic.start();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        isOver = true;
        if (traffic != null) {
            traffic.join();
        }
        if (prometheus != null) {
            prometheus.destroy();
            prometheus.waitFor();
        }
        if (pipeline != null) {
            pipeline.close();
        }
    }

    private static JsonNode ask(String path) {
        return Http.json(queries.get(path)).path("data");
    }

    /** @return the values that Prometheus returns for a query */
    private static List<Double> values(String query) {
        List<Double> values = new ArrayList<>();
        ask("/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8)).path("result").forEach(one -> values.add(one.path("value").get(1).asDouble()));
        return values;
    }

    private static void assertAnswered(Map<String, String> asked) {
        Map<String, String> missing = new TreeMap<>(asked);
        try {
            Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(500)).ignoreExceptions().until(() -> {
                missing.values().removeIf(query -> values(query).stream().anyMatch(value -> !value.isNaN()));
                return missing.isEmpty();
            });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("Nothing is answered to " + missing, e);
        }
    }

    private static void assertSucceeds(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }

    @Test
    void eachAlertComesWhenItMustAndOnlyThen() throws IOException, InterruptedException {
        assertSucceeds("promtool", "check", "rules", FOLDER.resolve("alerts.yaml").toString());
        assertSucceeds("promtool", "test", "rules", FOLDER.resolve("alerts.test.yaml").toString());
    }

    @Test
    void everyPanelOfTheDashboardShowsSomething() throws IOException {
        Map<String, String> asked = new TreeMap<>();
        for (JsonNode panel : JSON.readTree(FOLDER.resolve("grafana/dashboard.json").toFile()).path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                asked.put(panel.path("title").asText() + " " + target.path("refId").asText(), target.path("expr").asText().replace("$instance", ".*"));
            }
        }
        assertTrue(asked.size() > 20, asked::toString);
        assertAnswered(asked);
    }

    @Test
    void whatAlertsLookAtExistsAndNoneComesWhileAllIsWell() throws IOException {
        Awaitility.await("rules").atMost(LIMIT).ignoreExceptions().until(() -> ask("/api/v1/rules").path("groups").path(0).path("rules").size() > 10);
        Map<String, String> metrics = new TreeMap<>();
        String documentation = Files.readString(Path.of("docs/metrics.md"));
        for (JsonNode rule : ask("/api/v1/rules").path("groups").path(0).path("rules")) {
            Matcher names = METRIC.matcher(rule.path("query").asText());
            while (names.find()) {
                metrics.put(names.group(), names.group());
            }
            assertTrue(documentation.contains("### " + rule.path("name").asText() + "\n"), rule.path("name").asText() + " is not in docs/metrics.md");
            assertEquals("docs/metrics.md#" + rule.path("name").asText().replace("Very", "").toLowerCase(Locale.ROOT), rule.path("annotations").path("runbook").asText());
        }
        assertAnswered(metrics);
        Set<String> firing = new TreeSet<>();
        ask("/api/v1/rules").path("groups").path(0).path("rules").forEach(rule -> {
            assertTrue(Set.of("ok", "unknown").contains(rule.path("health").asText()), rule::toString);
            if ("firing".equals(rule.path("state").asText())) {
                firing.add(rule.path("name").asText());
            }
        });
        // The traffic includes invalid records, and the test's certificate is valid for two days.
        firing.removeAll(Set.of("DeadLetters", "CertificateExpires"));
        assertEquals(Set.of(), firing);
    }

    @Test
    void everyMetricOfOursIsDocumented() throws IOException {
        String documentation = Files.readString(Path.of("docs/metrics.md"));
        List<String> missing = new Http(pipeline.port("management.port")).get("/observe/metrics").body().lines()
                .filter(line -> line.startsWith("# TYPE sensor_pipeline_")).map(line -> line.split(" ")[2]).filter(name -> !name.endsWith("_max"))
                .filter(name -> !documentation.contains("`" + name)).toList();
        assertEquals(List.of(), missing);
    }
}
