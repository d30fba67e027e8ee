package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Which alerts are open, of all sensors, of one, and in lists of sensors; and which were firing in a span of time. */
class OpenAlertsTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private static Database database;
    private static Http api;
    private static Contract contract;

    /** Alerts of three sensors, of which one is of another tenant: firing since, or fired and cleared, some minutes ago. */
    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        database = new Database(SETTINGS);
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        try (Readings devices = new Readings(SETTINGS)) {
            devices.send(Readings.json("bed-1", NOW.toString(), 20), Readings.json("bed-2", NOW.toString(), 20), Readings.json("bed-3", NOW.toString(), 20), Readings.json("bed-4", NOW.toString(), 20));
            database.awaitReadings(4);
        }
        add("default", "bed-1", "warning", 50, null, "");
        add("default", "bed-1", "critical", 40, null, "");
        add("default", "bed-1", "critical", 35, null, ", acknowledged_at = now(), acknowledged_by = 'Ana'");
        add("default", "bed-3", "critical", 30, null, "");
        add("default", "bed-3", "info", 10, null, ", shelved_until = now() + interval '1 hour'");
        add("default", "bed-3", "info", 9, null, ", shelved_until = now() - interval '1 minute'");
        add("default", "bed-2", "critical", 30, 20, "");
        add("default", "bed-2", "critical", 15, 12, "");
        add("acme", "bed-4", "critical", 5, null, "");
        add("default", "bed-5", "info", 3, 2, ", location = 'icu-1'");
        add("default", "bed-6", "warning", 4, 1, ", location = NULL");
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static void add(String tenant, String sensor, String severity, int fired, Integer cleared, String marks) {
        String id = database.ask("""
                INSERT INTO alert (alert_id, tenant, rule_id, rule, severity, sensor_id, location, metric, value, state, late, flapping, started_at, fired_at, cleared_at, message, revision)
                VALUES (gen_random_uuid(), '%s', 1, 'Warm', '%s', '%s', 'hall', 'temperature', 24, '%s', false, false, '%5$s', '%5$s', %6$s, '%2$s since %7$d', 1) RETURNING alert_id""".formatted(
                tenant, severity, sensor, cleared == null ? "firing" : "cleared", minutesAgo(fired), cleared == null ? "NULL" : "'" + minutesAgo(cleared) + "'", fired));
        database.run("UPDATE alert SET state = state" + marks + " WHERE alert_id = '" + id + "'");
    }

    private static Instant minutesAgo(int minutes) {
        return NOW.minus(minutes, ChronoUnit.MINUTES);
    }

    private static JsonNode open(String query) {
        return contract.valid(api.get("/open-alerts" + query), "OpenAlerts");
    }

    private static String counts(JsonNode counts) {
        return "%d %d %d".formatted(counts.path("critical").asInt(), counts.path("warning").asInt(), counts.path("info").asInt());
    }

    @Test
    void openAlertsAreCountedBySeverityAndTheMostSevereComeFirst() {
        JsonNode open = open("");
        assertEquals("2 1 1", counts(open));
        assertEquals(4, open.path("count").asInt());
        assertEquals(List.of("critical since 30", "critical since 40", "warning since 50", "info since 9"), open.path("data").findValuesAsText("message"));
        assertEquals("info since 9", open.path("newest").path("message").asText());
    }

    @Test
    void aListThatIsCutIsCountedAndHasItsNewestAlertAllTheSame() {
        JsonNode open = open("?limit=1");
        assertEquals("2 1 1", counts(open));
        assertEquals(List.of("critical since 30"), open.path("data").findValuesAsText("message"));
        assertEquals("info since 9", open.path("newest").path("message").asText());
    }

    @ParameterizedTest
    @CsvSource({"bed-1, 1 1 0", "bed-2, 0 0 0", "bed-3, 1 0 1", "bed-4, 0 0 0", "bed, 0 0 0"})
    void ofASensorOnlyItsOwnAreCounted(String sensor, String counts) {
        JsonNode open = open("?sensor_id=" + sensor);
        assertEquals(counts, counts(open));
        assertEquals(open.path("count").asInt() == 0, open.path("newest").isNull());
    }

    @Test
    void aListOfSensorsHasTheOpenAlertsOfEach() {
        List<String> counted = new ArrayList<>();
        contract.valid(api.get("/sensors"), "Sensors").path("data").forEach(one -> counted.add(one.path("sensor_id").asText() + " " + counts(one.path("open_alerts"))));
        assertEquals(List.of("bed-1 1 1 0", "bed-2 0 0 0", "bed-3 1 0 1", "bed-4 0 0 0"), counted);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"alerts=open | bed-1 bed-3", "alerts=open&search=ED-3 | bed-3", "alerts=open&sensor_id=bed-1&sensor_id=bed-2 | bed-1", "alerts=open&status=online | bed-1 bed-3",
        "alerts=open&limit=1 | bed-1", "alerts=open&status=retired | ''"})
    void sensorsWithOpenAlertsAreFound(String query, String found) {
        assertEquals(found, String.join(" ", contract.valid(api.get("/sensors?" + query), "Sensors").path("data").findValuesAsText("sensor_id")));
    }

    @Test
    void pagesOfSensorsWithOpenAlertsFollowOneAnother() {
        String next = contract.valid(api.get("/sensors?alerts=open&limit=1"), "Sensors").path("next").asText();
        JsonNode page = contract.valid(api.get("/sensors?alerts=open&limit=1&cursor=" + next), "Sensors");
        assertEquals(List.of("bed-3"), page.path("data").findValuesAsText("sensor_id"));
        assertTrue(page.path("next").isNull());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "location=icu-1 | info since 3",
        "location=icu-1&location=hall&severity=info | info since 3, info since 9, info since 10",
        "location=hall&severity=warning | warning since 50",
        "location=hall&state=open&severity=critical | critical since 30, critical since 40",
        "location=icu | ",
        "severity=warning | warning since 4, warning since 50",
    })
    void alertsOfALocationAndASeverityAreFound(String query, String found) {
        JsonNode page = contract.valid(api.get("/alerts?" + query), "Alerts");
        assertEquals(found == null ? "" : found, String.join(", ", page.path("data").findValuesAsText("message")));
    }

    /** Minutes ago of both ends. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "bed-2 | 25 | 0  | critical since 15, critical since 30",
        "bed-2 | 16 | 0  | critical since 15",
        "bed-2 | 12 | 0  | ",
        "bed-2 | 25 | 16 | critical since 30",
        "bed-2 | 60 | 30 | ",
        "bed-1 | 20 | 0  | critical since 35, critical since 40, warning since 50",
        "bed-1 | 60 | 45 | warning since 50",
    })
    void alertsThatWereFiringInASpanAreFoundWhenEverTheyFired(String sensor, int from, int to, String found) {
        JsonNode page = contract.valid(api.get("/alerts?sensor_id=%s&active_from=%s&to=%s".formatted(sensor, minutesAgo(from), minutesAgo(to))), "Alerts");
        assertEquals(found == null ? "" : found, String.join(", ", page.path("data").findValuesAsText("message")));
    }

    @Test
    void aSpanThatEndsBeforeItBeginsIsNone() {
        assertEquals("invalid_range", contract.error(api.get("/alerts?active_from=%s&to=%s".formatted(minutesAgo(1), minutesAgo(2))), 400).path("code").asText());
    }
}
