package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
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

/** Whoever writes a rule about silence sees which alerts it would have fired, by the times at which Kafka received readings. */
class SilenceTrialTest {

    private static final Settings SETTINGS = Servers.settings().with("api.trial.readings", 100);
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.ALERTS, Services.API));
    private static final Database DATABASE = new Database(SETTINGS);
    private static final Readings DEVICES = new Readings(SETTINGS);
    /** A Monday. */
    private static final Instant START = Instant.parse("2025-01-13T00:00:00Z");
    private static final String WEEK = "?from=2025-01-13T00:00:00Z&to=2025-01-18T00:00:00Z";
    private static final String SILENT = "\"name\":\"silent\",\"severity\":\"warning\",\"silent_for\":\"30m\"";
    private static final String SHIFT = ",\"schedule\":{\"days\":\"mon-fri\",\"from\":\"08:00\",\"to\":\"16:00\"}";
    private static Http api;
    private static Contract contract;

    /**
     * "machine" sends in the shift from Monday to Wednesday, every twenty minutes, and has a speed until noon; the clock of "slow" is two years slow, and it sends through Monday; the network of
     * "late" is away on Tuesday from 10:00 to 12:00; "mover" sends from the hall on Monday at 08:00, from the depot at 08:20, and from the hall again at 10:00; "old" sends once, and is retired; "busy" sends now, so that the week is known to be stored also while readings wait.
     */
    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        List<String> readings = new ArrayList<>();
        List<String> updates = new ArrayList<>();
        for (int day = 0; day < 3; day++) {
            for (int minute = 8 * 60; minute < 16 * 60; minute += 20) {
                Duration time = Duration.ofDays(day).plusMinutes(minute);
                add(readings, updates, "machine", minute < 12 * 60 ? "speed" : "power", time, time);
                if (day == 0) {
                    add(readings, updates, "slow", "speed", time.minus(Duration.ofDays(730)), time);
                } else if (day == 1) {
                    add(readings, updates, "late", "speed", time, minute < 600 || minute > 720 ? time : Duration.ofDays(1).plusMinutes(720));
                }
            }
        }
        add(readings, updates, "old", "speed", Duration.ofHours(9), Duration.ofHours(9));
        add(readings, updates, "mover", "speed", Duration.ofHours(8), Duration.ofHours(8));
        add(readings, updates, "mover", "depot", "power", Duration.ofMinutes(500), Duration.ofMinutes(500));
        add(readings, updates, "mover", "speed", Duration.ofHours(10), Duration.ofHours(10));
        readings.add("{\"sensor_id\":\"busy\",\"speed\":1,\"timestamp\":\"%s\"}".formatted(Instant.now()));
        DEVICES.sendTo(SETTINGS.text("topic.name"), readings);
        DATABASE.awaitReadings(readings.size());
        updates.forEach(DATABASE::run);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> DATABASE.ask("SELECT count(*) FROM batch WHERE NOT rolled_up").equals("0"));
        DATABASE.run("UPDATE series_activity SET last_received_at = (SELECT max(received_at) FROM reading WHERE reading.series_id = series_activity.series_id)");
        DATABASE.run("INSERT INTO retired_sensor (tenant, sensor_id, retired_at) VALUES ('default', 'old', '2025-01-14T09:00:00Z')");
    }

    private static void add(List<String> readings, List<String> updates, String sensor, String metric, Duration at, Duration received) {
        add(readings, updates, sensor, "hall", metric, at, received);
    }

    private static void add(List<String> readings, List<String> updates, String sensor, String location, String metric, Duration at, Duration received) {
        readings.add("{\"sensor_id\":\"%s\",\"location\":\"%s\",\"%s\":1,\"timestamp\":\"%s\"}".formatted(sensor, location, metric, START.plus(at)));
        updates.add("UPDATE reading SET received_at = '%s' WHERE at = '%s' AND series_id = (SELECT series_id FROM series WHERE sensor_id = '%s' AND location = '%s')"
                .formatted(START.plus(received), START.plus(at), sensor, location));
    }

    @AfterAll
    static void stop() {
        DEVICES.close();
        PIPELINE.close();
    }

    private static HttpResponse<String> post(String path, String rule) {
        return api.call("POST", path, HttpRequest.BodyPublishers.ofString("{" + rule + "}"), "Content-Type", "application/json");
    }

    private static JsonNode tried(String query, String rule) {
        return contract.valid(post("/alert-rules/try" + query, rule), "TriedAlertRule");
    }

    /** @return its alerts, the oldest first */
    private static String told(JsonNode answer) {
        List<String> alerts = StreamSupport.stream(answer.path("data").spliterator(), false).map(alert -> "%s %s from %s to %s".formatted(alert.path("sensor_id").asText(),
                alert.path("state").asText(), time(alert, "fired_at"), alert.path("cleared_at").isNull() ? "" : time(alert, "cleared_at")).strip()).toList();
        StringBuilder reversed = new StringBuilder();
        alerts.forEach(alert -> reversed.insert(0, alert + "\n"));
        return reversed.toString();
    }

    private static String time(JsonNode alert, String field) {
        return alert.path(field).asText().substring(8, 16);
    }

    @Test
    void withItsScheduleASensorIsSilentInTheShiftOnly() {
        JsonNode answer = tried(WEEK, SILENT + SHIFT + ",\"sensors\":[\"machine\"]");
        assertEquals("machine cleared from 16T08:30 to 16T16:00\nmachine cleared from 17T08:30 to 17T16:00\n", told(answer));
        assertEquals(2, answer.path("alerts").asInt());
        assertEquals(72, answer.path("readings").asInt());
        assertEquals(0, answer.path("pending").asInt());
        JsonNode alert = answer.path("data").get(0);
        assertEquals("{\"rule\":\"silent\",\"severity\":\"warning\",\"sensor_id\":\"machine\",\"location\":\"hall\",\"metric\":null,\"value\":null,\"state\":\"cleared\",\"flapping\":false,"
                + "\"started_at\":\"2025-01-17T08:00:00.000000Z\",\"fired_at\":\"2025-01-17T08:30:00.000000Z\",\"cleared_at\":\"2025-01-17T16:00:00.000000Z\","
                + "\"message\":\"no reading for 30 min\"}", alert.toString());
        assertEquals("machine cleared from 17T08:30 to 17T16:00\n", told(tried(WEEK + "&limit=1", SILENT + SHIFT + ",\"sensors\":[\"machine\"]")), "the newest");
    }

    @Test
    void withoutOneItIsSilentUntilItSendsAgain() {
        assertEquals("machine cleared from 13T00:30 to 13T08:00\nmachine cleared from 13T16:10 to 14T08:00\nmachine cleared from 14T16:10 to 15T08:00\nmachine firing from 15T16:10 to\n",
                told(tried(WEEK, SILENT + ",\"sensors\":[\"machine\"]")), "named, so it is waited for from the beginning");
        assertEquals("machine cleared from 13T16:10 to 14T08:00\n", told(tried("?from=2025-01-13T00:00:00Z&to=2025-01-14T12:00:00Z", SILENT + ",\"sensors\":[\"mach*\"]")), "not named, so from its first reading on");
    }

    @Test
    void aSingleMetricCanBeMissing() {
        assertEquals("machine cleared from 13T12:10 to 13T16:00\nmachine cleared from 14T12:10 to 14T16:00\nmachine cleared from 15T12:10 to 15T16:00\n"
                + "machine cleared from 16T08:30 to 16T16:00\nmachine cleared from 17T08:30 to 17T16:00\n", told(tried(WEEK, SILENT + SHIFT + ",\"metric\":\"speed\",\"sensors\":[\"mach*\"]")));
        assertEquals("no speed for 30 min", tried(WEEK, SILENT + ",\"metric\":\"speed\",\"sensors\":[\"machine\"]").path("data").get(0).path("message").asText());
    }

    @Test
    void theTimesOfReceiptCountWhateverTheClocksOfSensorsSay() {
        assertEquals("slow firing from 13T16:10 to\n", told(tried("?from=2025-01-13T00:00:00Z&to=2025-01-13T23:00:00Z", SILENT + ",\"sensors\":[\"slow*\"]")));
        assertEquals("late cleared from 14T10:10 to 14T12:00\nlate firing from 14T16:10 to\n",
                told(tried("?from=2025-01-13T00:00:00Z&to=2025-01-14T23:00:00Z", SILENT + ",\"sensors\":[\"late*\"]")));
    }

    @Test
    void nobodyWaitsForASensorThatIsRetiredAndSensorsMayNeverSend() {
        assertEquals("old cleared from 13T09:30 to 14T09:00\n", told(tried(WEEK, SILENT + ",\"sensors\":[\"old*\"]")));
        assertEquals("never firing from 13T00:30 to\n", told(tried(WEEK, SILENT + ",\"sensors\":[\"never\"]")));
        assertEquals(0, tried(WEEK, SILENT + ",\"locations\":[\"yard\"]").path("readings").asInt());
    }

    @Test
    void nobodyWaitsForASensorThatHasLeftUntilItIsBack() {
        assertEquals("mover firing from 13T10:30 to\n", told(tried(WEEK, SILENT + ",\"locations\":[\"ha*\"],\"sensors\":[\"mov*\"]")));
        assertEquals("mover firing from 13T08:50 to\n", told(tried(WEEK, SILENT + ",\"sensors\":[\"mov*\"]")), "it applies everywhere, and the alert comes back");
        assertEquals(2, tried(WEEK, SILENT + ",\"locations\":[\"hall\"],\"sensors\":[\"mover\"]").path("readings").asInt());
    }

    @Test
    void tooManyReadingsAreRejected() {
        JsonNode error = contract.error(post("/alert-rules/try?from=2020-01-13T00:00:00Z", SILENT), 400);
        assertEquals("too_many_readings", error.path("code").asText(), "without the limit, there are " + DATABASE.ask("SELECT count(*) FROM reading"));
    }

    @Test
    void itIsWhatWasToldLive() {
        String rule = "\"name\":\"live\",\"severity\":\"critical\",\"silent_for\":\"1s\",\"sensors\":[\"live-*\"]";
        HttpResponse<String> saved = post("/alert-rules", rule);
        assertEquals(201, saved.statusCode(), saved.body());
        Instant created = Instant.now();
        for (int sent = 1; sent <= 3; sent++) {
            DEVICES.send("{\"sensor_id\":\"live-1\",\"location\":\"ward\",\"temperature\":1,\"timestamp\":\"%s\"}".formatted(Instant.now()));
            await("SELECT count(*) FROM reading JOIN series USING (series_id) WHERE sensor_id = 'live-1'", sent);
            // It fires; then it clears and comes back.
            await("SELECT count(*) FROM alert_event JOIN alert USING (alert_id) WHERE sensor_id = 'live-1'", 2 * sent - 1);
        }
        await("SELECT max(lag) FROM progress", 0);
        JsonNode live = contract.valid(api.get("/alerts?sensor_id=live-1"), "Alerts").path("data").path(0);
        JsonNode tried = tried("?from=" + created, rule).path("data");
        assertEquals(1, tried.size());
        ((ObjectNode) live).retain("rule", "severity", "sensor_id", "location", "metric", "value", "state", "flapping", "started_at", "fired_at", "cleared_at", "message");
        assertEquals(live, tried.get(0));
        assertTrue(live.path("flapping").asBoolean(), "it came and went three times");
    }

    private static void await(String question, int count) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50)).until(() -> DATABASE.ask(question).equals(String.valueOf(count)));
    }
}
