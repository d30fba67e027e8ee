package sensorpipeline.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Composition;
import sensorpipeline.support.Database;
import sensorpipeline.support.Docker;
import sensorpipeline.support.Fleet;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;

/** deploy/compose.yaml with the built image: one command starts it, and it recovers without intervention. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ComposeIT {

    private static final String IMAGE = "sensor-pipeline:test";
    private static final String NEXT_IMAGE = IMAGE + "-next";
    private static final int SENSORS = 20;
    private static final int READINGS_A_SECOND = 500;
    private static final int BURST = 600_000;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration HEALTH_LIMIT = Duration.ofSeconds(15);

    private static Composition composition;
    private static Fleet fleet;

    @BeforeAll
    static void start() {
        Docker.build(IMAGE);
        composition = new Composition(IMAGE);
        composition.up();
        fleet = new Fleet(composition.settings(), SENSORS);
        fleet.startLoad(READINGS_A_SECOND);
    }

    @AfterAll
    static void stop() {
        if (fleet != null) {
            fleet.close();
        }
        if (composition != null) {
            composition.close();
        }
    }

    private static void awaitMoreDone() {
        long before = done();
        Awaitility.await("the store goes on").atMost(LIMIT).pollInterval(Duration.ofMillis(200)).ignoreExceptions().until(() -> done() > before + READINGS_A_SECOND);
    }

    private static long done() {
        return fleet.committed().values().stream().mapToLong(Long::longValue).sum();
    }

    /** Recovers within the documented time in both cases. */
    private static void awaitHealth(int status) {
        Awaitility.await("/health").atMost(HEALTH_LIMIT).pollInterval(Duration.ofMillis(200)).ignoreExceptions().untilAsserted(() -> {
            HttpResponse<String> health = composition.api().get("/health");
            assertEquals(status, health.statusCode(), health::body);
        });
    }

    @Test
    @Order(1)
    void oneCommandEndsWithADashboardThatShowsData() {
        awaitMoreDone();
        Http dashboard = composition.dashboard();
        assertTrue(dashboard.get("/").body().contains("Sensor Pipeline"));
        Awaitility.await("statistics").atMost(LIMIT).until(() ->
                Http.json(dashboard.get("/api/data/stats")).path("data").path("overall").path("active_sensors").asInt() == SENSORS);
    }

    @Test
    @Order(2)
    void ourContainersMayDoNothingTheyNeedNot() {
        for (String service : List.of("producer", "consumer-api", "dashboard")) {
            assertEquals("true [ALL] 65532:65532", composition.inspect(service, "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.Config.User}}"));
            assertTrue(Long.parseLong(composition.inspect(service, "{{.HostConfig.Memory}}")) > 0);
        }
        // The database password must not be in a container's environment.
        String password = composition.settings().secret("db.password");
        assertFalse(password.isEmpty());
        for (String service : List.of("db", "consumer-api")) {
            assertFalse(composition.inspect(service, "{{json .Config}}").contains(password));
        }
    }

    @Test
    @Order(2)
    void aBurstFitsIntoItsMemory() {
        fleet.stopLoad();
        fleet.send(BURST);
        fleet.awaitDone();
        assertEquals("false 0", composition.inspect("consumer-api", "{{.State.OOMKilled}} {{.RestartCount}}"));
        fleet.startLoad(READINGS_A_SECOND);
    }

    @Test
    @Order(3)
    void healsAfterPostgresqlWasStopped() {
        composition.compose("stop", "db");
        awaitHealth(503);
        composition.compose("start", "db");
        awaitHealth(200);
        awaitMoreDone();
    }

    @Test
    @Order(4)
    void healsAfterKafkaWasPaused() {
        composition.pause("kafka");
        awaitHealth(503);
        composition.compose("unpause", "kafka");
        awaitHealth(200);
        awaitMoreDone();
    }

    @Test
    @Order(5)
    void healsAfterItWasCutOffTheNetwork() {
        String container = composition.container("consumer-api");
        Docker.run("network", "disconnect", composition.network(), container);
        Awaitility.await("unhealthy").atMost(LIMIT).pollInterval(Duration.ofMillis(500)).until(() ->
                composition.inspect("consumer-api", "{{.State.Health.Status}}").equals("unhealthy"));
        Docker.run("network", "connect", "--alias", "consumer-api", composition.network(), container);
        composition.awaitHealth("consumer-api");
        awaitHealth(200);
        awaitMoreDone();
    }

    @Test
    @Order(6)
    void healsAfterTheKernelKilledItForItsMemory() {
        String container = composition.container("consumer-api");
        String startedAt = composition.inspect("consumer-api", "{{.State.StartedAt}}");
        // The OOM killer must choose the program, not the process that takes its memory.
        Docker.run("exec", container, "/bin/sh", "-c", "echo 1000 > /proc/1/oom_score_adj");
        Docker.call(Map.of(), List.of("exec", container, "/opt/runtime/bin/java", "-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch", "-version"));
        Awaitility.await("the engine starts it again").atMost(LIMIT).pollInterval(Duration.ofMillis(500)).until(() ->
                !composition.inspect("consumer-api", "{{.State.StartedAt}}").equals(startedAt));
        composition.awaitHealth("consumer-api");
        awaitMoreDone();
    }

    /** Rolling upgrade: the new version migrates the schema while the old one keeps running. */
    @Test
    @Order(7)
    void consumersOfTwoVersionsShareTheWorkAndTheNewOneTakesOverUnderLoad(@TempDir Path folder) throws IOException {
        buildNextVersion(folder);
        composition.with("NEXT_IMAGE", NEXT_IMAGE).compose("up", "--detach", "--wait", "--no-recreate", "--scale", "consumer=2", "consumer");
        Awaitility.await("three programs with two consumers each").atMost(LIMIT).ignoreExceptions().until(() -> fleet.consumers() == 6);
        assertEquals("1", new Database(composition.settings()).ask("SELECT count(*) FROM flyway_schema_history WHERE version = '999' AND success"));
        awaitMoreDone();
        composition.compose("restart", "consumer-api");
        composition.awaitHealth("consumer-api");
        awaitHealth(200);
        Awaitility.await("the version before starts again beside the newer schema").atMost(LIMIT).ignoreExceptions().until(() -> fleet.consumers() == 6);
        awaitMoreDone();
        composition.with("IMAGE", NEXT_IMAGE).compose("up", "--detach", "--wait", "--scale", "consumer=2");
        assertEquals(NEXT_IMAGE, composition.inspect("consumer-api", "{{.Config.Image}}"));
        awaitMoreDone();
        composition.up();
        Awaitility.await("one program").atMost(LIMIT).ignoreExceptions().until(() -> fleet.consumers() == 2);
        awaitMoreDone();
    }

    /** The same program with an additional migration, in a jar of its own, because the class archive of the image is only valid for its jar. */
    private static void buildNextVersion(Path folder) throws IOException {
        try (FileSystem jar = FileSystems.newFileSystem(folder.resolve("next-version.jar"), Map.of("create", "true"))) {
            Files.createDirectory(jar.getPath("schema"));
            Files.writeString(jar.getPath("schema/V999__next_version.sql"), """
                    ALTER TABLE series ADD COLUMN next_version text;
                    ALTER TABLE reading ADD COLUMN next_version integer;
                    ALTER TABLE batch ADD COLUMN next_version integer NOT NULL DEFAULT 0;
                    CREATE INDEX next_version ON batch (next_version, stored_at);
                    ALTER TABLE dead_letter ADD COLUMN next_version integer NOT NULL DEFAULT 0;
                    """);
        }
        Files.writeString(folder.resolve("Dockerfile"), """
                FROM %s
                COPY next-version.jar .
                ENTRYPOINT ["/opt/runtime/bin/java", "-XX:SharedArchiveFile=startup.jsa", "@java.options", "-cp", "sensor-pipeline.jar:next-version.jar", "sensorpipeline.Program"]
                """.formatted(IMAGE));
        Docker.run("build", "--quiet", "--tag", NEXT_IMAGE, folder.toString());
    }

    @Test
    @Order(8)
    void afterAllOfItNothingIsLostAndNothingCountsTwice() {
        fleet.settle();
        assertTrue(fleet.acknowledged() > BURST + 5000, "The load was too small to tell anything");
    }

    @Test
    @Order(9)
    void simulatedDevicesAreShownToo() {
        composition.with("PRODUCER_SENSORS", 7).up();
        Awaitility.await("simulated devices").atMost(LIMIT).until(() ->
                Http.json(composition.dashboard().get("/api/data/stats")).path("data").path("overall").path("active_sensors").asInt() == SENSORS + 7);
    }

    @ParameterizedTest
    @Order(10)
    @ValueSource(strings = {"gzip", "snappy", "lz4", "zstd"})
    void devicesMayCompressAsTheyLikeWhereNoLibraryCanBeUnpacked(String compression) {
        Settings settings = composition.settings();
        // Long and repetitive, so that it compresses well.
        String reading = Readings.json(compression, Instant.now().toString(), 21).replace("}", ",\"note\":\"" + "x".repeat(1000) + "\"}");
        try (KafkaProducer<String, String> device = new KafkaProducer<>(Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.text("kafka.bootstrap.servers"),
                ProducerConfig.COMPRESSION_TYPE_CONFIG, compression), new StringSerializer(), new StringSerializer())) {
            device.send(new ProducerRecord<>(settings.text("topic.name"), compression, reading));
        }
        Awaitility.await(compression).atMost(LIMIT).until(() ->
                Http.json(composition.api().get("/data/latest?sensor_id=" + compression)).path("count").asInt() == 1);
    }

    @Test
    @Order(11)
    void prometheusSeesAllPrograms() {
        composition.compose("--profile", "monitoring", "up", "--detach", "prometheus");
        Awaitility.await("all programs are scraped").atMost(LIMIT).ignoreExceptions().untilAsserted(() -> {
            JsonNode targets = Http.json(composition.prometheus().get("/api/v1/targets")).path("data").path("activeTargets");
            assertEquals(3, targets.size());
            targets.forEach(target -> assertEquals("up", target.path("health").asText(), target::toString));
        });
        Awaitility.await("alerts").atMost(LIMIT).ignoreExceptions().until(() ->
                Http.json(composition.prometheus().get("/api/v1/rules")).path("data").path("groups").path(0).path("rules").size() > 10);
    }

    @Test
    @Order(12)
    void goesOnWithItsDataAfterItWasTakenDown() {
        long before = events();
        composition.compose("--profile", "monitoring", "down");
        composition.up();
        Awaitility.await("the readings of before, and more").atMost(LIMIT).ignoreExceptions().until(() -> events() > before);
    }

    private static long events() {
        return Http.json(composition.dashboard().get("/api/data/stats")).path("data").path("overall").path("total_events").asLong();
    }

    @Test
    @Order(13)
    void stopsCleanlyWithinItsGrace() {
        composition.compose("stop");
        for (String service : List.of("producer", "consumer-api", "dashboard")) {
            assertEquals("0 false", composition.inspect(service, "{{.State.ExitCode}} {{.State.OOMKilled}}"));
        }
    }
}
