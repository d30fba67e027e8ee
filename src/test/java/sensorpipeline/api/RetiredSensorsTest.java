package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** A retired sensor is in no list and no count until it sends again, and none of its readings is lost. */
class RetiredSensorsTest {

    private static final Settings SETTINGS = Servers.settingsWithQuickRetention();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final String TOPIC = SETTINGS.text("topic.name");
    private static final Database DATABASE = new Database(SETTINGS);
    private static Readings devices;
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        devices = new Readings(SETTINGS);
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        new Topics(SETTINGS).create();
    }

    @AfterAll
    static void stop() {
        devices.close();
        PIPELINE.close();
    }

    @BeforeEach
    void empty() {
        devices.awaitDone();
        DATABASE.empty();
        DATABASE.run("DELETE FROM retired_sensor");
    }

    private static void send(String... sensors) {
        long before = DATABASE.readings();
        devices.sendTo(TOPIC, List.of(sensors).stream().map(sensor -> Readings.json(sensor, Instant.now().toString(), 20)).toList());
        DATABASE.awaitReadings(before + sensors.length);
    }

    private static HttpResponse<String> post(String sensor, String body) {
        return api.call("POST", "/sensors/" + sensor + "/retire", HttpRequest.BodyPublishers.ofString(body), "Content-Type", "application/json");
    }

    private static Instant retire(String sensor) {
        return Instant.parse(contract.valid(post(sensor, "{}"), "RetiredSensor").path("data").path("retired_at").asText());
    }

    private static JsonNode sensors(String query) {
        return contract.valid(api.get("/sensors" + query), "Sensors").path("data");
    }

    private static List<String> names(String query) {
        return sensors(query).findValuesAsText("sensor_id");
    }

    /** @return number of active and silent sensors, and of readings */
    private static String counts(String query) {
        JsonNode overall = contract.valid(api.get("/data/stats" + query), "Stats").path("data").path("overall");
        return overall.path("active_sensors") + " active, " + overall.path("silent_sensors") + " silent, " + overall.path("total_events") + " readings";
    }

    private static void awaitRolledUp() {
        Awaitility.await().atMost(Duration.ofSeconds(40)).until(() -> "0".equals(DATABASE.ask("SELECT count(*) FROM batch WHERE NOT rolled_up")));
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aRetiredSensorIsInNoListAndNoCountUntilItSendsAgain(boolean isRolledUp) {
        send("cellar", "roof", "roof", "yard");
        if (isRolledUp) {
            awaitRolledUp();
        }
        Instant retired = retire("roof");
        assertFalse(retired.isBefore(Instant.parse(sensors("?sensor_id=roof").path(0).path("last_received").asText())));
        assertEquals(List.of("cellar", "yard"), names(""));
        assertEquals(List.of("cellar", "yard"), names("?status=online"));
        assertEquals(List.of("roof"), names("?status=retired"));
        assertEquals(List.of("cellar", "roof", "yard"), names("?status=all"));
        assertEquals(List.of(), names("?search=roof"));
        assertEquals("retired", sensors("?sensor_id=roof").path(0).path("status").asText());
        assertEquals(retired, Instant.parse(sensors("?sensor_id=roof").path(0).path("retired_at").asText()));
        for (String query : List.of("", "?from=-1h", "?from=-1h&to=2099-01-01T00:00:00Z", "?location=hall", "?metric=temperature")) {
            assertEquals("2 active, 0 silent, 4 readings", counts(query), query);
        }
        // In ranges of the past it stays.
        String past = "?from=-1h&to=" + Instant.now();
        Awaitility.await().untilAsserted(() -> assertEquals("3 active, 0 silent, 4 readings", counts(past)));
        awaitRolledUp();
        DATABASE.run("UPDATE retired_sensor SET retired_at = retired_at + interval '1 second'");
        for (String table : List.of("rollup_hour", "rollup_month", "series_activity")) {
            DATABASE.run("UPDATE " + table + " SET last_received_at = last_received_at - interval '10 minutes'");
        }
        assertEquals(List.of("cellar", "yard"), names("?status=silent"));
        assertEquals("2 active, 2 silent, 4 readings", counts(""));
        assertEquals("0 active, 0 silent, 2 readings", counts("?sensor_id=roof"));
        DATABASE.run("UPDATE retired_sensor SET retired_at = retired_at - interval '1 second'");
        send("roof");
        assertEquals(List.of("cellar", "roof", "yard"), names(""));
        assertEquals(List.of("roof"), names("?status=online"));
        assertEquals(List.of(), names("?status=retired"));
        assertEquals("null", sensors("?sensor_id=roof").path(0).path("retired_at").toString());
        assertEquals("3 active, 2 silent, 5 readings", counts(""));
        awaitRolledUp();
        Awaitility.await().until(() -> "0".equals(DATABASE.ask("SELECT count(*) FROM retired_sensor")));
    }

    @Test
    void ofASensorThatIsErasedNothingIsLeft() {
        send("roof", "yard");
        retire("roof");
        retire("yard");
        assertEquals(200, api.call("DELETE", "/data/readings?sensor_id=roof&dry_run=false").statusCode());
        awaitRolledUp();
        DATABASE.run("UPDATE series SET created_at = created_at - interval '2 hours'");
        Awaitility.await().until(() -> "yard".equals(DATABASE.ask("SELECT string_agg(sensor_id, ',') FROM retired_sensor")));
        assertEquals(List.of("yard"), names("?status=retired"));
    }

    @Test
    void aSensorThatMovedIsRetiredAtAllItsLocationsAndSendsAgainFromAny() {
        devices.sendTo(TOPIC, List.of("hall", "yard").stream().map(location -> Readings.json("cart", Instant.now().toString(), 20).replace("hall", location)).toList());
        DATABASE.awaitReadings(2);
        send("roof");
        retire("cart");
        assertEquals(List.of("roof"), names(""));
        assertEquals(List.of(), names("?location=yard"));
        assertEquals("0 active, 0 silent, 1 readings", counts("?location=yard"));
        devices.sendTo(TOPIC, List.of(Readings.json("cart", Instant.now().toString(), 20).replace("hall", "attic")));
        DATABASE.awaitReadings(4);
        assertEquals(List.of("cart", "roof"), names(""));
        assertEquals(List.of("cart"), names("?location=yard"));
    }

    @Test
    void aRetirementCanBeTakenBackAndRepeated() {
        send("roof");
        Instant first = retire("roof");
        assertFalse(retire("roof").isBefore(first));
        assertEquals("{\"status\":\"success\",\"data\":{\"sensor_id\":\"roof\",\"retired_at\":null}}", contract.valid(post("roof", "{\"retired\":false}"), "RetiredSensor").toString());
        assertEquals(List.of("roof"), names(""));
        contract.valid(post("roof", "{\"retired\":false}"), "RetiredSensor");
    }

    @Test
    void retiredSensorsAreListedPageByPage() {
        send("a", "b/ü c", "c", "d");
        for (String sensor : List.of("a", "b%2F%C3%BC%20c", "c")) {
            retire(sensor);
        }
        JsonNode page = contract.valid(api.get("/sensors?status=retired&limit=2"), "Sensors");
        assertEquals(List.of("a", "b/ü c"), page.path("data").findValuesAsText("sensor_id"));
        assertEquals(List.of("c"), names("?status=retired&limit=2&cursor=" + page.path("next").asText()));
    }

    @Test
    void aSensorOfAnotherTenantIsNeitherKnownNorRetired() {
        devices.sendTo(TOPIC + ".acme", List.of(Readings.json("theirs", Instant.now().toString(), 1), Readings.json("both", Instant.now().toString(), 1)));
        DATABASE.awaitReadings(2);
        send("both");
        JsonNode error = contract.error(post("theirs", "{}"), 404);
        assertEquals("unknown_sensor: No readings of sensor 'theirs' are stored", error.path("code").asText() + ": " + error.path("message").asText());
        retire("both");
        assertEquals("default", DATABASE.ask("SELECT string_agg(tenant, ',') FROM retired_sensor"));
        contract.error(post("both", "{\"retired\":1}"), 400);
        contract.error(api.call("POST", "/sensors/both/retire"), 415);
    }
}
