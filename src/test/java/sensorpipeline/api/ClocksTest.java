package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** A wrong sensor clock is reported, and does not affect whether sensors are considered online. */
class ClocksTest {

    private static final Settings SETTINGS = Servers.settings().with("rollup.interval", 200);
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Database DATABASE = new Database(SETTINGS);
    private static final Instant NOW = Instant.now();
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        try (Readings devices = new Readings(SETTINGS)) {
            // In this order: the sensor with the fast clock sends first, and only once.
            devices.send(Readings.json("fast", NOW.plus(Duration.ofHours(20)).toString(), 1), Readings.json("fast", NOW.plus(Duration.ofHours(20)).minusSeconds(5).toString(), 2));
            DATABASE.awaitReadings(2);
            devices.send(Readings.json("slow", Instant.now().minus(Duration.ofHours(1)).toString(), 3));
            DATABASE.awaitReadings(3);
            devices.send(Readings.json("right", Instant.now().toString(), 4));
            DATABASE.awaitReadings(4);
        }
        Awaitility.await("statistics").until(() -> DATABASE.ask("SELECT count(*) FROM batch WHERE NOT rolled_up").equals("0"));
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static JsonNode sensor(String id, String query) {
        return contract.valid(api.get("/sensors?sensor_id=" + id + query), "Sensors").path("data").path(0);
    }

    private static List<String> latest(String query) {
        return contract.valid(api.get("/data/latest" + query), "Latest").path("data").findValuesAsText("sensor_id");
    }

    @Test
    void aSensorWhoseClockIsAnHourSlowIsOnlineAndItsClockIsShown() {
        JsonNode slow = sensor("slow", "");
        assertEquals("online", slow.path("status").asText());
        assertEquals(-3600, slow.path("clock_offset_seconds").asDouble(), 60);
        assertEquals("[\"clock_slow\"]", slow.path("odd").toString());
        assertTrue(Instant.parse(slow.path("last_received").asText()).isAfter(NOW.minusSeconds(60)));
        assertEquals("[]", sensor("right", "").path("odd").toString());
        assertEquals(List.of("slow"), contract.valid(api.get("/sensors?status=online&search=slow"), "Sensors").path("data").findValuesAsText("sensor_id"));
    }

    @Test
    void aSensorWhoseClockIsTwentyHoursFastIsSilentAsSoonAsItSendsNoMore() {
        Awaitility.await().until(() -> sensor("fast", "&silent_after=1s").path("status").asText().equals("silent"));
        JsonNode fast = sensor("fast", "");
        assertEquals(20 * 3600, fast.path("clock_offset_seconds").asDouble(), 60);
        assertEquals("[\"clock_fast\"]", fast.path("odd").toString());
        assertEquals("1", contract.valid(api.get("/data/stats?sensor_id=fast&silent_after=1s"), "Stats").path("data").path("overall").path("silent_sensors").asText());
    }

    @Test
    void aFastClockTakesThePlaceOfItsReceiptAmongTheLatest() {
        assertEquals(List.of("right", "fast", "fast", "slow"), latest(""));
        assertEquals(List.of("right", "fast"), latest("?limit=2"));
        assertEquals(List.of("right"), latest("?limit=1"));
        assertEquals(List.of("fast", "fast"), latest("?sensor_id=fast"));
        assertEquals(1, contract.valid(api.get("/data/latest?sensor_id=fast&limit=1"), "Latest").path("data").get(0).path("temperature").asDouble());
    }

    @Test
    void aFastClockThatTimeHasCaughtUpWithStaysWhereItWasReceived() {
        // Simulates twenty hours passing.
        DATABASE.run("""
                SELECT number_series('[{"position":0,"tenant":"default","sensor_id":"caught","location":"attic","metrics":["temperature"]}]', 1000, 10);
                INSERT INTO reading SELECT series_id, 1, now() - interval '1 second' * n, now() - interval '20 hours', ARRAY[n], NULL
                FROM series CROSS JOIN generate_series(1, 30) AS n WHERE sensor_id = 'caught';
                INSERT INTO rollup_hour SELECT date_trunc('hour', at, 'UTC'), series_id, 1, count(*), count(*), min(at), max(at), 1, 1, 1, max(received_at)
                FROM reading JOIN series USING (series_id) WHERE sensor_id = 'caught' GROUP BY 1, 2""");
        try {
            assertEquals(List.of("right", "fast", "fast", "slow", "caught"), latest("?limit=5"));
            assertEquals(List.of("caught", "caught"), latest("?limit=2&sensor_id=caught"));
        } finally {
            DATABASE.forget("caught");
        }
    }
}
