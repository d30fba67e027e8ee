package sensorpipeline.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import javax.management.JMX;
import javax.management.ObjectName;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.consumer.StoreMXBean;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Metrics are correct, and JMX has the same values. */
class MetricsTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static Http management;
    private static StoreMXBean store;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        management = new Http(PIPELINE.port("management.port"));
        store = JMX.newMXBeanProxy(ManagementFactory.getPlatformMBeanServer(),
                new ObjectName("sensorpipeline:type=Store,context=" + PIPELINE.camel().getManagementName()), StoreMXBean.class);
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    /** @return the samples of a scrape, by name and labels */
    private static Map<String, Double> scrape() {
        return management.get("/observe/metrics").body().lines().filter(line -> !line.startsWith("#"))
                .collect(Collectors.toMap(line -> line.substring(0, line.lastIndexOf(' ')), line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)),
                        (first, second) -> first, TreeMap::new));
    }

    private static void await(String what, ThrowingRunnable assertion) {
        Awaitility.await(what).atMost(LIMIT).pollInterval(Duration.ofMillis(100)).untilAsserted(assertion);
    }

    @Test
    void countsEachRecordOnceAndJmxSaysTheSame() {
        Map<String, Double> before = scrape();
        try (Readings devices = new Readings(SETTINGS)) {
            for (int i = 0; i < 7; i++) {
                devices.send(Readings.json("counted", "2025-01-15T10:30:0" + i + "Z", i));
            }
            devices.send(Readings.json("counted", "2025-01-15T10:30:00Z", 0), Readings.json("counted", "2025-01-15T10:30:01Z", 1));
            devices.send("no reading", "{}", "{\"sensor_id\":\"counted\"}");
        }
        Map<String, Double> grown = Map.of("sensor_pipeline_readings_stored_total", 7.0, "sensor_pipeline_readings_repeated_total", 2.0,
                "sensor_pipeline_dead_letters_total", 3.0, "sensor_pipeline_batch_records_sum", 12.0);
        await("counts", () -> grown.forEach((name, count) -> assertEquals(count, scrape().get(name) - before.getOrDefault(name, 0.0), name)));
        await("what waits for somebody", () -> assertEquals(Double.parseDouble(new Database(SETTINGS).ask("SELECT count(*) FROM dead_letter")), store.getDeadLettersWaiting()));
        Map<String, Double> now = scrape();
        assertEquals(now.get("sensor_pipeline_readings_stored_total"), store.getReadingsStored());
        assertEquals(now.get("sensor_pipeline_readings_repeated_total"), store.getReadingsRepeated());
        assertEquals(now.get("sensor_pipeline_dead_letters_total"), store.getDeadLetters());
        assertEquals(now.get("sensor_pipeline_dead_letters_waiting"), store.getDeadLettersWaiting());
        assertTrue(now.get("sensor_pipeline_store_delay_seconds_bucket{le=\"15.0\"}") > 0);
        assertTrue(now.keySet().stream().anyMatch(name -> name.startsWith("camel_route_policy_seconds_bucket") && name.contains("routeId=\"copy-readings\"")));
    }

    @Test
    void theAgeOfTheOldestReadingGrowsWhileNothingIsStored() throws Exception {
        PIPELINE.camel().getRouteController().stopRoute("store-readings");
        try (Readings devices = new Readings(SETTINGS)) {
            devices.send(Readings.json("waiting", "2025-01-15T10:30:00Z", 1), Readings.json("waiting", "2025-01-15T10:30:01Z", 2));
        }
        long sent = System.nanoTime();
        await("lag", () -> assertEquals(2, scrape().get("sensor_pipeline_store_lag")));
        await("age", () -> assertTrue(scrape().get("sensor_pipeline_store_oldest_age_seconds") > 1));
        // Spans several polls of Kafka.
        AtomicReference<Double> age = new AtomicReference<>(0.0);
        Awaitility.await("an age that only grows").atMost(LIMIT).until(() -> {
            double seen = scrape().get("sensor_pipeline_store_oldest_age_seconds");
            assertTrue(seen >= age.getAndSet(seen), () -> "it fell to " + seen);
            return seen > 8;
        });
        double most = (System.nanoTime() - sent) / 1e9 + 1;
        assertTrue(store.getOldestAgeSeconds() < most + 1, "older than the reading is");
        await("health", () -> assertEquals(0, scrape().get("sensor_pipeline_healthy{check=\"store\"}")));
        PIPELINE.camel().getRouteController().startRoute("store-readings");
        await("nothing waits", () -> {
            assertEquals(0, scrape().get("sensor_pipeline_store_lag"));
            assertEquals(0, store.getOldestAgeSeconds());
            assertEquals(1, scrape().get("sensor_pipeline_healthy{check=\"store\"}"));
        });
    }

    @Test
    void callersCannotMakeUpSeries() {
        Http api = new Http(PIPELINE.port("api.port"));
        for (int i = 0; i < 5; i++) {
            api.get("/made/up/" + i);
            api.get("/dead-letters/" + (900 + i));
            api.call("MADEUP" + i, "/data/latest");
        }
        await("requests", () -> {
            List<String> requests = scrape().keySet().stream().filter(name -> name.startsWith("sensor_pipeline_http_requests_seconds_count")).toList();
            assertTrue(requests.stream().anyMatch(name -> name.contains("path=\"none\"") && name.contains("status=\"404\"")), requests::toString);
            assertTrue(requests.stream().anyMatch(name -> name.contains("path=\"/dead-letters/:id\"")), requests::toString);
            assertTrue(requests.stream().anyMatch(name -> name.contains("method=\"other\"")), requests::toString);
            assertFalse(requests.stream().anyMatch(name -> name.contains("made/up") || name.contains("MADEUP") || name.contains("900")), requests::toString);
        });
    }
}
