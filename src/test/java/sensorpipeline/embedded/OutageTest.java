package sensorpipeline.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.SteadyPorts;

/** PostgreSQL and Kafka are down for a while under load: no loss, no dead letters, no restart. */
class OutageTest {

    /** Duration of each outage in seconds; -Doutage.seconds=60 for long ones. */
    private static final Duration OUTAGE = Duration.ofSeconds(Long.getLong("outage.seconds", 8));

    /** With such short delays, all retries fail during the outage, and the batch is returned to Kafka several times. */
    @ParameterizedTest(name = "with at most {0} ms between two tries")
    @ValueSource(ints = {2000, 200})
    void everythingSentIsStoredAfterOutages(int longestWait) throws Exception {
        Path folder = Files.createTempDirectory(Files.createDirectories(Path.of("target/test-servers")), "outage").toAbsolutePath();
        int kafkaPort = SteadyPorts.anyFree();
        int databasePort = SteadyPorts.anyFree();
        Settings settings = Settings.load(java.util.Map.of())
                .with("kafka.bootstrap.servers", "127.0.0.1:" + kafkaPort).with("kafka.partitions", 3)
                .with("db.host", "127.0.0.1").with("db.port", databasePort)
                .with("management.port", 0)
                .with("retry.maximum.delay", longestWait).with("db.connect.timeout", Math.min(3000, 10 * longestWait / 4)).with("health.progress.timeout", 2000)
                .with("db.answer.timeout", 3000);
        EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"), kafkaPort, 3);
        EmbeddedPostgresql postgresql = EmbeddedPostgresql.start(folder.resolve("postgresql"), databasePort);
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER)); Readings devices = new Readings(settings)) {
            pipeline.start();
            Http health = new Http(pipeline.port("management.port"));
            Load load = new Load(devices);
            Awaitility.await().until(() -> load.acknowledged.get() > 100 && health.get("/health").statusCode() == 200);

            postgresql.close();
            awaitOutage(health, "database");
            postgresql = EmbeddedPostgresql.start(folder.resolve("postgresql"), databasePort);
            awaitRecovery(health);

            kafka.close();
            awaitOutage(health, "kafka");
            kafka = EmbeddedKafka.start(folder.resolve("kafka"), kafkaPort, 3);
            awaitRecovery(health);

            long sent = load.stop();
            Database database = new Database(settings);
            database.awaitReadings(sent, Duration.ofSeconds(90));
            assertEquals(String.valueOf(sent), database.ask("SELECT count(DISTINCT (series_id, at)) FROM reading"));
            assertEquals(0, devices.deadLetters().size());
        } finally {
            kafka.close();
            postgresql.close();
        }
    }

    /** Waits for the outage to end; health must report it before. */
    private static void awaitOutage(Http health, String part) {
        Instant end = Instant.now().plus(OUTAGE);
        Awaitility.await("health tells that " + part + " is away").atMost(Duration.ofSeconds(15))
                .until(() -> health.get("/health").statusCode() == 503);
        assertTrue(health.get("/health").body().contains(part), health.get("/health").body());
        assertEquals(200, health.get("/health/live").statusCode(), "a restart would not help");
        Awaitility.await().atMost(OUTAGE.plusSeconds(5)).until(() -> Instant.now().isAfter(end));
    }

    private static void awaitRecovery(Http health) {
        Awaitility.await("health").atMost(Duration.ofSeconds(60)).until(() -> health.get("/health").statusCode() == 200);
    }

    /** Sends readings one by one, and retries each until Kafka acknowledges it. */
    private static final class Load {
        private final AtomicLong acknowledged = new AtomicLong();
        private final AtomicBoolean running = new AtomicBoolean(true);
        private final Thread thread;

        Load(Readings devices) {
            Instant start = Instant.parse("2025-01-01T00:00:00Z");
            thread = new Thread(() -> {
                while (running.get()) {
                    long number = acknowledged.get();
                    String reading = Readings.json("sensor-" + number % 20, start.plusMillis(number).toString(), number);
                    untilAcknowledged(() -> {
                        devices.send(reading);
                        return true;
                    });
                    acknowledged.incrementAndGet();
                }
            });
            thread.start();
        }

        private static void untilAcknowledged(Callable<Boolean> send) {
            for (boolean done = false; !done;) {
                try {
                    done = send.call();
                } catch (Exception e) {
                    // Not acknowledged: retried.
                    done = false;
                }
            }
        }

        long stop() throws InterruptedException {
            running.set(false);
            thread.join();
            return acknowledged.get();
        }
    }
}
