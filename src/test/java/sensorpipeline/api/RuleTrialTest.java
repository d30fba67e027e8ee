package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
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

/** Whoever writes a rule sees which alerts it would have fired for stored readings. */
class RuleTrialTest {

    private static final Settings SETTINGS = Servers.settings().with("api.trial.readings", 900);
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Instant START = Instant.parse("2025-01-15T10:00:00Z");
    private static final String DAY = "?from=2025-01-15T00:00:00Z&to=2025-01-16T00:00:00Z";
    private static final String TACHYCARDIA = "\"name\":\"Tachycardia\",\"severity\":\"critical\",\"metric\":\"heart_rate\",\"above\":140";
    private static Http api;
    private static Contract contract;

    /**
     * Three beds; the heart rate of bed-1 is 150 from second 60 to 119, that of bed-2 at the end, and er-1 is always high. "mover" has a high
     * pulse in the ward, and then sends from elsewhere, without a pulse. Another tenant has readings, too.
     */
    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        List<String> readings = new ArrayList<>();
        for (int second = 0; second < 300; second++) {
            readings.add(reading("bed-1", "icu-1", second, second / 60 == 1 ? 150 : 80));
            readings.add(reading("bed-2", "icu-2", second, second < 295 ? 80 : 141.5));
            readings.add(reading("er-1", "er", second, 160));
        }
        readings.add(reading("er-1", "er", 24 * 3600, 80));
        readings.add("{\"sensor_id\":\"bed-1\",\"location\":\"icu-1\",\"spo2\":99,\"timestamp\":\"%s\"}".formatted(START.plusMillis(500)));
        for (int second : List.of(0, 20, 30)) {
            readings.add("{\"sensor_id\":\"mover\",\"location\":\"%s\",\"%s\":150,\"timestamp\":\"%s\"}".formatted(second == 20 ? "er" : "icu-1", second == 20 ? "spo2" : "pulse", START.plusSeconds(second)));
        }
        try (Readings devices = new Readings(SETTINGS)) {
            devices.sendTo(SETTINGS.text("topic.name"), readings);
            devices.sendTo(SETTINGS.text("topic.name") + ".acme", List.of(reading("bed-9", "icu-9", 1, 200)));
            new Database(SETTINGS).awaitReadings(906);
        }
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
    }

    private static String reading(String sensor, String location, int second, double heartRate) {
        return "{\"sensor_id\":\"%s\",\"location\":\"%s\",\"heart_rate\":%s,\"timestamp\":\"%s\"}".formatted(sensor, location, heartRate, START.plusSeconds(second));
    }

    private static HttpResponse<String> post(String query, String body) {
        return api.call("POST", "/alert-rules/try" + query, HttpRequest.BodyPublishers.ofString(body), "Content-Type", "application/json");
    }

    private static JsonNode tried(String query, String rule) {
        return contract.valid(post(query, "{" + rule + "}"), "TriedAlertRule");
    }

    private static String told(JsonNode alert) {
        return "%s %s %s from %s".formatted(alert.path("sensor_id").asText(), alert.path("severity").asText(), alert.path("state").asText(),
                START.until(Instant.parse(alert.path("started_at").asText()), ChronoUnit.SECONDS));
    }

    @Test
    void theNewestAlertIsTheFirst() {
        JsonNode answer = tried(DAY, TACHYCARDIA);
        assertEquals(900, answer.path("readings").asInt(), "those of the tenant with the metric");
        assertEquals(3, answer.path("alerts").asInt());
        assertEquals(List.of("bed-2 critical firing from 295", "bed-1 critical cleared from 60", "er-1 critical firing from 0"),
                List.of(told(answer.path("data").get(0)), told(answer.path("data").get(1)), told(answer.path("data").get(2))));
        JsonNode alert = answer.path("data").get(1);
        assertEquals("{\"rule\":\"Tachycardia\",\"severity\":\"critical\",\"sensor_id\":\"bed-1\",\"location\":\"icu-1\",\"metric\":\"heart_rate\",\"value\":150,\"state\":\"cleared\",\"flapping\":false,"
                + "\"started_at\":\"2025-01-15T10:01:00.000000Z\",\"fired_at\":\"2025-01-15T10:01:00.000000Z\",\"cleared_at\":\"2025-01-15T10:02:00.000000Z\","
                + "\"message\":\"heart_rate is 150, above 140\"}", alert.toString());
    }

    @Test
    void aConditionThatHasNotHeldForLongEnoughYetIsPending() {
        JsonNode answer = tried(DAY, TACHYCARDIA + ",\"for\":\"10s\",\"locations\":[\"icu-*\"]");
        assertEquals(1, answer.path("pending").asInt());
        assertEquals("2025-01-15T10:01:10.000000Z", answer.path("data").get(0).path("fired_at").asText());
        assertEquals(1, answer.path("alerts").asInt());
        assertEquals(600, answer.path("readings").asInt());
    }

    @Test
    void aReadingFromWhereTheRuleDoesNotApplyEndsTheAlertWhateverItsMetrics() {
        String high = "\"name\":\"n\",\"severity\":\"critical\",\"metric\":\"pulse\",\"above\":140";
        JsonNode answer = tried(DAY, high + ",\"locations\":[\"icu-*\"]");
        assertEquals(2, answer.path("readings").asInt(), "those that have a pulse");
        assertEquals(List.of("mover critical firing from 0"), StreamSupport.stream(answer.path("data").spliterator(), false).map(RuleTrialTest::told).toList(), "it is back within five minutes");
        JsonNode left = tried(DAY.replace("T00:00:00Z&to=2025-01-16T00:00:00Z", "T00:00:00Z&to=2025-01-15T10:00:30Z"), high + ",\"locations\":[\"icu-*\"]").path("data").get(0);
        assertEquals("2025-01-15T10:00:20.000000Z", left.path("cleared_at").asText());
        assertTrue(tried(DAY, high).path("data").get(0).path("cleared_at").isNull(), "it applies everywhere");
    }

    @Test
    void aRuleOfSomeSensorsReadsOnlyTheirs() {
        JsonNode answer = tried(DAY, TACHYCARDIA + ",\"sensors\":[\"er-*\",\"nobody\"]");
        assertEquals(300, answer.path("readings").asInt());
        assertEquals(1, answer.path("alerts").asInt());
        assertEquals(0, tried(DAY, TACHYCARDIA + ",\"sensors\":[\"nobody\"]").path("readings").asInt());
    }

    @Test
    void theRangeAndTheNumberOfAlertsCanBeLimited() {
        JsonNode answer = tried("?from=2025-01-15T10:01:30Z&to=2025-01-15T10:02:30Z&limit=1", TACHYCARDIA);
        assertEquals(120 + 60, answer.path("readings").asInt());
        assertEquals(2, answer.path("alerts").asInt());
        assertEquals(1, answer.path("data").size());
        assertEquals(0, tried("", TACHYCARDIA).path("readings").asInt(), "of the last day");
    }

    @Test
    void aRuleMayHaveLevelsAScheduleAndLimitsOfSensors() {
        assertEquals("er-1 critical firing from 0", told(tried(DAY, "\"name\":\"n\",\"metric\":\"heart_rate\",\"sensors\":[\"er-1\"],"
                + "\"levels\":[{\"severity\":\"critical\",\"above\":155},{\"severity\":\"warning\",\"above\":140}]").path("data").get(0)));
        JsonNode worst = tried(DAY, "\"name\":\"n\",\"metric\":\"heart_rate\",\"sensors\":[\"bed-1\"],\"levels\":[{\"severity\":\"critical\",\"above\":140},{\"severity\":\"info\",\"above\":79}]").path("data").get(0);
        assertEquals("bed-1 critical firing from 0", told(worst), "the highest severity that it had");
        assertEquals("heart_rate is 150, above 140", worst.path("message").asText());
        assertEquals(0, tried(DAY, TACHYCARDIA + ",\"schedule\":{\"days\":\"mon,tue\",\"from\":\"08:00\",\"to\":\"18:00\",\"tz\":\"Europe/Berlin\"}").path("alerts").asInt());
        assertEquals(2, tried(DAY, TACHYCARDIA + ",\"limits\":{\"er-1\":170}").path("alerts").asInt());
        assertEquals("Call the ward", tried(DAY, TACHYCARDIA + ",\"message\":\"Call the ward\"").path("data").get(0).path("message").asText());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}                                                                     | missing_name       | name must be given: text that does not begin or end with a blank
            {"name":" ","metric":"x","severity":"info","above":1}                  | invalid_name       | name must be text that does not begin or end with a blank; got ' '
            {"name":"n","metric":"x"}                                              | invalid_rule       | give a severity, or levels
            {"name":"n","metric":"x","severity":"bad","above":1}                   | invalid_severity   | severity must be one of critical, warning, info; got 'bad'
            {"name":"n","metric":"x","severity":"info"}                            | invalid_rule       | give exactly one of above, below and outside
            {"name":"n","metric":"x","severity":"info","above":"1"}                | invalid_above      | above must be a number such as -12.5; got '"1"'
            {"name":"n","metric":"x","severity":"info","above":1,"for":"10"}       | invalid_for        | for must be a duration such as 30s, 5m, 2h or 7d; got '10'
            {"name":"n","metric":"x","severity":"info","outside":[1]}              | invalid_outside    | outside must be an array of 2 numbers; got 1 elements
            {"name":"n","metric":"x","severity":"info","above":1,"sensors":"a"}    | invalid_sensors    | sensors must be an array of 1 to 100 texts; got '"a"'
            {"name":"n","metric":"x","severity":"info","above":1,"sensors":[1]}    | invalid_sensors    | sensors must be text; got '1'
            {"name":"n","metric":"x","severity":"info","above":1,"where":"x > 1"}  | unknown_field      | fields are name, metric, when, rate, silent_for, severity
            {"name":"n","severity":"info","when":"x > 1 &&"}                       | invalid_rule       | when, character 9: the expression is incomplete
            {"name":"n","metric":"x","severity":"info","when":"x > 1"}             | invalid_rule       | metric cannot be given with when, which names the metrics
            {"name":"n","metric":"x","levels":[{"above":1}]}                       | invalid_levels     | levels[0]: severity must be given: Severity of this level
            {"name":"n","metric":"x","levels":[7]}                                 | invalid_levels     | levels[0] must be a JSON object; got '7'
            {"name":"n","metric":"x","severity":"info","above":1,"schedule":{"from":"8:00","to":"18:00"}} | invalid_schedule | schedule: from must be a time of day such as 08:00; got '8:00'
            {"name":"n","metric":"x","severity":"info","above":1,"schedule":{"days":"monday","from":"08:00","to":"18:00"}} | invalid_schedule | schedule: days must be weekdays such as mon-fri or sat,sun; got 'monday'
            {"name":"n","metric":"x","severity":"info","above":1,"limits":{"a":"b"}} | invalid_limits   | limits: 'a' must be a number such as -12.5; got '"b"'
            """)
    void aWrongRuleIsToldWithWhatIsAllowed(String body, String code, String message) {
        JsonNode error = contract.error(post(DAY, body), 400);
        assertEquals(code, error.path("code").asText(), error::toString);
        assertTrue(error.path("message").asText().startsWith(message), error::toString);
    }

    @Test
    void tooManyReadingsAreRejected() {
        JsonNode error = contract.error(post("?from=2025-01-15T00:00:00Z&to=2025-01-17T00:00:00Z", "{" + TACHYCARDIA + "}"), 400);
        assertEquals("too_many_readings", error.path("code").asText());
        assertEquals("The rule would be tried with more than 900 readings; ask for less time or for fewer sensors", error.path("message").asText());
    }
}
