package sensorpipeline.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.AlertListener;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;
import sensorpipeline.support.WebhookReceiver;

/** Readings that come late make the alerts that they would have made in time, and nobody is paged. */
class LateAlertsTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.ALERTS, Services.API));
    private static final Readings DEVICES = new Readings(SETTINGS);
    private static final WebhookReceiver RECEIVER = new WebhookReceiver();
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        accepted("/alert-channels", "{\"name\":\"c\",\"webhook\":{\"url\":\"%s\",\"secret\":\"0123456789abcdef\"},\"sensors\":[\"late-*\"]}".formatted(RECEIVER.url()), "SavedAlertChannel");
    }

    @AfterAll
    static void stop() {
        DEVICES.close();
        PIPELINE.close();
        RECEIVER.close();
    }

    private static JsonNode accepted(String path, String body, String schema) {
        HttpResponse<String> answer = api.call("POST", path, HttpRequest.BodyPublishers.ofString(body), "Content-Type", "application/json");
        assertTrue(answer.statusCode() < 300, answer.body());
        return contract.valid(answer, schema);
    }

    private static ProducerRecord<byte[], byte[]> record(String sensor, Instant at, double value) {
        String json = "{\"sensor_id\":\"%s\",\"x\":%s,\"timestamp\":\"%s\"}".formatted(sensor, value, at);
        return new ProducerRecord<>(SETTINGS.text("topic.name"), sensor.getBytes(StandardCharsets.UTF_8), json.getBytes(StandardCharsets.UTF_8));
    }

    private static List<JsonNode> alerts(String sensor) {
        return StreamSupport.stream(contract.valid(api.get("/alerts?sensor_id=" + sensor), "Alerts").path("data").spliterator(), false).toList();
    }

    private static void awaitEvaluated(String sensor) {
        Awaitility.await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertEquals("0", new Database(SETTINGS).ask("SELECT count(*) FROM alert_late WHERE sensor_id = '%s'".formatted(sensor))));
    }

    private static String times(JsonNode alert) {
        return alert.path("severity").asText() + " " + alert.path("started_at").asText() + " " + alert.path("fired_at").asText() + " " + alert.path("cleared_at").asText();
    }

    @Test
    void aShuffledBatchOfTwoHoursMakesTheAlertsOfThatInOrder() {
        String rule = "{\"name\":\"late\",\"metric\":\"x\",\"levels\":[{\"severity\":\"warning\",\"above\":5},{\"severity\":\"critical\",\"above\":8}],\"for\":\"1m\",\"sensors\":[\"late-*\"]}";
        accepted("/alert-rules", rule, "SavedAlertRule");
        Instant end = Instant.now().minus(Duration.ofMinutes(15)).truncatedTo(ChronoUnit.SECONDS);
        List<ProducerRecord<byte[], byte[]>> batch = new ArrayList<>();
        for (int minute = 0; minute < 120; minute++) {
            double value = minute % 40 < 30 ? 1 : minute % 40 < 35 ? 6 : 9;
            for (int second = 0; second < 60; second += 10) {
                batch.add(record("late-1", end.minusSeconds(7200 - 60 * minute - second), value));
            }
        }
        Collections.shuffle(batch, new Random(1));
        try (AlertListener listener = new AlertListener(PIPELINE.port("api.port"))) {
            DEVICES.sendRecords(batch);
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> alerts("late-1").size() == 3 && alerts("late-1").stream().noneMatch(alert -> alert.path("state").asText().equals("firing")));
            awaitEvaluated("late-1");
            JsonNode tried = accepted("/alert-rules/try?from=%s".formatted(end.minusSeconds(8000)), rule, "TriedAlertRule").path("data");
            // The last one lasts until what is known ends.
            List<String> expected = StreamSupport.stream(tried.spliterator(), false).map(alert -> times(alert).replace("null", end.minusSeconds(10).toString().replace("Z", ".000000Z"))).toList();
            assertEquals(3, expected.size());
            assertEquals(expected, alerts("late-1").stream().map(LateAlertsTest::times).toList());
            assertTrue(alerts("late-1").stream().allMatch(alert -> alert.path("late").asBoolean() && alert.path("severity").asText().equals("critical")));
            Awaitility.await().until(() -> listener.alerts().stream().filter(alert -> alert.path("late").asBoolean()).count() == 6);
        }
        assertEquals(List.of(), RECEIVER.messages());
        assertEquals("0", new Database(SETTINGS).ask("SELECT count(*) FROM alert_notice"));
        // More of the same outage lengthens the last alert.
        DEVICES.sendRecords(List.of(record("late-1", end, 9), record("late-1", end.plusSeconds(10), 9), record("late-1", end.plusSeconds(20), 1)));
        Awaitility.await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertEquals(end.plusSeconds(20).toString().replace("Z", ".000000Z"), alerts("late-1").get(0).path("cleared_at").asText()));
        assertEquals(3, alerts("late-1").size());
    }

    @Test
    void anOldReadingThatComesAfterANewerOneMakesALateAlert() {
        accepted("/alert-rules", "{\"name\":\"old\",\"metric\":\"x\",\"severity\":\"critical\",\"above\":5,\"sensors\":[\"late-old-*\"]}", "SavedAlertRule");
        Instant now = Instant.now();
        DEVICES.sendRecords(List.of(record("late-old-1", now, 1), record("late-old-1", now.minusSeconds(2), 9)));
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> alerts("late-old-1").size() == 1);
        awaitEvaluated("late-old-1");
        assertTrue(alerts("late-old-1").get(0).path("late").asBoolean());
        assertEquals("cleared", alerts("late-old-1").get(0).path("state").asText());
        assertEquals(List.of(), RECEIVER.messages());
    }

    @Test
    void aLateAlertEndsWhereItsSensorLeftWhateverTheReadingsFromElsewhereHave() {
        accepted("/alert-rules", "{\"name\":\"move\",\"metric\":\"x\",\"severity\":\"critical\",\"above\":5,\"sensors\":[\"moving\"],\"locations\":[\"ward\"]}", "SavedAlertRule");
        Instant left = Instant.now().minusSeconds(1200).truncatedTo(ChronoUnit.SECONDS);
        DEVICES.sendRecords(List.of(record("moving", "ward", "x", left.minusSeconds(60)), record("moving", "yard", "y", left), record("moving", "yard", "x", left.plusSeconds(60))));
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> alerts("moving").size() == 1 && !alerts("moving").get(0).path("cleared_at").isNull());
        awaitEvaluated("moving");
        assertEquals(left.toString().replace("Z", ".000000Z"), alerts("moving").get(0).path("cleared_at").asText());
    }

    @Test
    void aBacklogThatArrivesNewestFirstMakesTheAlertsAboutRatesToo() {
        accepted("/alert-rules", "{\"name\":\"rate\",\"metric\":\"x\",\"severity\":\"warning\",\"rate\":\"5m\",\"above\":1,\"sensors\":[\"backlog\"]}", "SavedAlertRule");
        Instant start = Instant.now().minus(Duration.ofHours(1));
        List<ProducerRecord<byte[], byte[]>> backlog = new ArrayList<>();
        for (int minute = 0; minute <= 10; minute++) {
            backlog.add(record("backlog", start.plusSeconds(60L * minute), minute < 5 ? 0 : 100));
        }
        for (List<ProducerRecord<byte[], byte[]>> half : List.of(backlog.subList(5, 11), backlog.subList(0, 5))) {
            DEVICES.sendRecords(half);
            Awaitility.await().until(() -> new Database(SETTINGS).ask("SELECT count(*) FROM alert_late WHERE sensor_id = 'backlog'").equals("1"));
            awaitEvaluated("backlog");
        }
        assertEquals(1, alerts("backlog").size());
    }

    private static ProducerRecord<byte[], byte[]> record(String sensor, String location, String metric, Instant at) {
        String json = "{\"sensor_id\":\"%s\",\"location\":\"%s\",\"%s\":9,\"timestamp\":\"%s\"}".formatted(sensor, location, metric, at);
        return new ProducerRecord<>(SETTINGS.text("topic.name"), sensor.getBytes(StandardCharsets.UTF_8), json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readingsOutOfOrderMakeNoSecondAlertOfOneThatIsKnown() {
        accepted("/alert-rules", "{\"name\":\"disorder\",\"metric\":\"x\",\"severity\":\"info\",\"above\":5,\"sensors\":[\"disorder-*\"]}", "SavedAlertRule");
        Instant now = Instant.now();
        DEVICES.sendRecords(List.of(record("disorder-1", now, 9), record("disorder-1", now.minusSeconds(2), 8), record("disorder-1", now.minusSeconds(1), 8)));
        Awaitility.await().until(() -> alerts("disorder-1").size() == 1);
        Awaitility.await().until(() -> new Database(SETTINGS).ask("SELECT count(*) FROM alert_late WHERE sensor_id = 'disorder-1'").equals("1"));
        awaitEvaluated("disorder-1");
        assertEquals(1, alerts("disorder-1").size());
        assertEquals("firing", alerts("disorder-1").get(0).path("state").asText());
    }
}
