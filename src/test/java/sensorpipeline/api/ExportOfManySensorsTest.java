package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** An export of thousands of sensors has each of their readings once and in order, however these are found. */
class ExportOfManySensorsTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Database DATABASE = new Database(SETTINGS);
    private static final int SENSORS = 1500;
    private static final int ROUNDS = 4;
    private static Http api;

    /** A reading of each sensor every ten minutes, in any order; every third lacks the metric "b". A second tenant has the same. */
    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        Random random = new Random(3);
        Instant start = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(3));
        List<String> readings = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (int sensor = 0; sensor < SENSORS; sensor++) {
                readings.add("{\"sensor_id\":\"s%d\",\"a\":%d%s,\"timestamp\":\"%s\"}".formatted(sensor, round, sensor % 3 == 0 ? "" : ",\"b\":7",
                        start.plusMillis(600_000L * round + random.nextInt(600_000))));
            }
        }
        try (Readings devices = new Readings(SETTINGS)) {
            devices.sendTo(SETTINGS.text("topic.name"), readings);
            devices.sendTo(SETTINGS.text("topic.name") + ".acme", readings);
            DATABASE.awaitReadings(2 * readings.size());
        }
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static void assertEqualsTable(String order, String metric) {
        List<String> exported = api.get("/data/readings?format=csv&order=" + order + (metric == null ? "" : "&metric=" + metric)).body().lines().skip(1)
                .map(line -> line.split(",")[0] + " " + line.split(",")[2]).toList();
        assertEquals(DATABASE.ask("""
                SELECT string_agg(sensor_id || ' ' || iso_8601(at), ',' ORDER BY at %1$s, series_id %1$s) FROM reading JOIN series USING (series_id)
                WHERE tenant = 'default' AND ('%2$s' = 'null' OR "values"[array_position(metrics, '%2$s')] IS NOT NULL)""".formatted(order, metric)), String.join(",", exported));
    }

    @Test
    void itEqualsTheTable() {
        for (int i = 0; i < 2; i++) {
            for (String order : List.of("asc", "desc")) {
                assertEqualsTable(order, null);
                assertEqualsTable(order, "b");
            }
            // As if they lay between very many others, as readings that come late.
            DATABASE.run("UPDATE batch SET readings = 1000000");
        }
    }
}
