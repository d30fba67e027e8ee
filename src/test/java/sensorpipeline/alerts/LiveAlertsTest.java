package sensorpipeline.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.management.ManagementFactory;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import javax.management.JMX;
import javax.management.ObjectName;
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

/** What people who live with alerts rely on: from the reading to the stream, and back from what they do about it. */
class LiveAlertsTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.ALERTS, Services.API));
    private static final Readings DEVICES = new Readings(SETTINGS);
    private static Http api;
    private static Contract contract;
    private static AlertListener listener;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
        listener = new AlertListener(PIPELINE.port("api.port"));
    }

    @AfterAll
    static void stop() {
        listener.close();
        DEVICES.close();
        PIPELINE.close();
    }

    private static HttpResponse<String> call(String method, String path, String body) {
        return api.call(method, path, HttpRequest.BodyPublishers.ofString(body), "Content-Type", "application/json");
    }

    /** @return the id of a new rule for sensors whose ids begin with a text */
    private static long addRule(String name, String sensors, String fields) {
        HttpResponse<String> answer = call("POST", "/alert-rules", "{\"name\":\"%s\",\"metric\":\"heart_rate\",\"sensors\":[\"%s*\"],%s}".formatted(name, sensors, fields));
        assertEquals(201, answer.statusCode(), answer.body());
        return contract.valid(answer, "SavedAlertRule").path("data").path("id").asLong();
    }

    private static void send(String sensor, Instant at, double heartRate) {
        sendJson(sensor, "\"heart_rate\":" + heartRate, at);
    }

    private static void sendJson(String sensor, String metrics, Instant at) {
        String json = "{\"sensor_id\":\"%s\",\"location\":\"icu\",%s,\"timestamp\":\"%s\"}".formatted(sensor, metrics, at);
        DEVICES.sendRecords(List.of(new ProducerRecord<>(SETTINGS.text("topic.name"), sensor.getBytes(StandardCharsets.UTF_8), json.getBytes(StandardCharsets.UTF_8))));
    }

    /** @return what the stream told of a sensor, as "state severity value" */
    private static List<String> told(String sensor) {
        return listener.alerts().stream().filter(alert -> alert.path("sensor_id").asText().equals(sensor))
                .map(alert -> alert.path("state").asText() + " " + alert.path("severity").asText() + " " + alert.path("value").asText()).toList();
    }

    private static void awaitTold(String sensor, String... expected) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> assertEquals(List.of(expected), told(sensor)));
    }

    /** @return the alerts of a sensor that the REST API has, once they are so many */
    private static JsonNode stored(String sensor, int count) {
        List<JsonNode> data = new ArrayList<>();
        Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20)).until(() -> {
            data.clear();
            data.add(contract.valid(api.get("/alerts?sensor_id=" + sensor), "Alerts").path("data"));
            return data.get(0).size() == count;
        });
        return data.get(0);
    }

    @Test
    void aReadingAboveTheLimitIsToldAndOneBelowClearsIt() {
        long rule = addRule("one", "one", "\"severity\":\"critical\",\"above\":140");
        Instant now = Instant.now();
        send("one-1", now, 139);
        send("one-1", now.plusMillis(10), 152);
        awaitTold("one-1", "firing critical 152");
        JsonNode alert = stored("one-1", 1).get(0);
        assertEquals(rule, alert.path("rule_id").asLong());
        assertEquals("one", alert.path("rule").asText());
        assertEquals("heart_rate is 152, above 140", alert.path("message").asText());
        assertEquals(alert, listener.alerts().stream().filter(each -> each.path("sensor_id").asText().equals("one-1")).findFirst().orElseThrow(), "the stream sends it as it is");
        send("one-1", now.plusMillis(20), 120);
        awaitTold("one-1", "firing critical 152", "cleared critical 152");
        Awaitility.await().until(() -> stored("one-1", 1).get(0).path("state").asText().equals("cleared"));
    }

    @Test
    void aValueThatRisesFastFiresAndATrialTellsTheSame() {
        String rule = "{\"name\":\"rising\",\"severity\":\"warning\",\"metric\":\"heart_rate\",\"rate\":\"12s\",\"above\":20,\"sensors\":[\"rising-*\"]}";
        assertEquals("12s", contract.valid(call("POST", "/alert-rules", rule), "SavedAlertRule").path("data").path("rate").asText());
        Instant start = Instant.now().minusSeconds(60);
        for (int second = 0; second < 40; second++) {
            send("rising-1", start.plusSeconds(second), second < 20 ? 60 : Math.min(60 + second - 20, 70));
        }
        Awaitility.await().untilAsserted(() -> assertEquals("cleared", stored("rising-1", 1).get(0).path("state").asText()));
        JsonNode alert = stored("rising-1", 1).get(0);
        assertEquals("heart_rate rises by 21.8182 per minute, above 20", alert.path("message").asText());
        assertEquals(21.8182, alert.path("value").asDouble());
        Awaitility.await().untilAsserted(() -> {
            JsonNode tried = contract.valid(call("POST", "/alert-rules/try", rule), "TriedAlertRule");
            assertEquals(40, tried.path("readings").asInt());
            assertEquals(told(alert), told(tried.path("data").get(0)));
        });
    }

    /** {@code fields} of an alert, as far as a trial has them. */
    private static String told(JsonNode alert) {
        return List.of("rule", "severity", "sensor_id", "location", "metric", "value", "state", "flapping", "started_at", "fired_at", "cleared_at", "message").stream()
                .map(field -> field + " " + alert.path(field)).toList().toString();
    }

    @Test
    void aConditionOfSeveralMetricsFiresAndATrialTellsTheSame() {
        String rule = "{\"name\":\"shock\",\"severity\":\"critical\",\"when\":\"heart_rate > 120 && metric[\\\"spo-2\\\"] < 90\",\"for\":\"2s\",\"sensors\":[\"shock-*\"]}";
        HttpResponse<String> answer = call("POST", "/alert-rules", rule);
        assertEquals("heart_rate > 120 && metric[\"spo-2\"] < 90", contract.valid(answer, "SavedAlertRule").path("data").path("when").asText());
        Instant start = Instant.now().minusSeconds(20);
        double[][] values = {{131, 95}, {131, 88}, {132.5, 88}, {133, 87}, {134, 87}, {110, 87}, {135, 80}, {136, 80}};
        for (int second = 0; second < values.length; second++) {
            sendJson("shock-1", "\"heart_rate\":%s,\"spo-2\":%s".formatted(values[second][0], values[second][1]), start.plusSeconds(second));
            sendJson("shock-1", "\"heart_rate\":%s".formatted(60), start.plusSeconds(second).plusMillis(500));
        }
        Awaitility.await().untilAsserted(() -> assertEquals("cleared", stored("shock-1", 1).get(0).path("state").asText()));
        JsonNode alert = stored("shock-1", 1).get(0);
        assertEquals("heart_rate > 120 && metric[\"spo-2\"] < 90 with heart_rate 133, spo-2 87", alert.path("message").asText());
        assertTrue(alert.path("metric").isNull() && alert.path("value").isNull(), alert::toString);
        Awaitility.await().untilAsserted(() -> {
            JsonNode tried = contract.valid(call("POST", "/alert-rules/try", rule), "TriedAlertRule");
            assertEquals(values.length, tried.path("readings").asInt(), "those with both metrics");
            assertEquals(1, tried.path("alerts").asInt());
            assertEquals(told(alert), told(tried.path("data").get(0)));
        });
        assertEquals(List.of("fired", "cleared"), contract.valid(api.get("/alerts/" + alert.path("id").asText()), "AlertInFull").path("data").path("history").findValuesAsText("kind"));
    }

    private static String firing(String sensor) {
        return stored(sensor, 1).get(0).path("id").asText();
    }

    private static JsonNode post(String path, String body) {
        HttpResponse<String> answer = call("POST", path, body);
        assertEquals(200, answer.statusCode(), answer.body());
        return contract.valid(answer, "ChangedAlert").path("data");
    }

    private static JsonNode last(String sensor) {
        List<JsonNode> alerts = listener.alerts().stream().filter(alert -> alert.path("sensor_id").asText().equals(sensor)).toList();
        return alerts.get(alerts.size() - 1);
    }

    @Test
    void whoAcknowledgesFirstStaysAndEverybodySeesIt() {
        addRule("acknowledged", "ack", "\"severity\":\"warning\",\"above\":140");
        Instant now = Instant.now();
        send("ack-1", now, 152);
        String id = firing("ack-1");
        assertEquals("nurse 12", post("/alerts/" + id + "/acknowledge", "{\"by\":\"nurse 12\",\"comment\":\"on my way\"}").path("acknowledged").path("by").asText());
        assertEquals("nurse 12", post("/alerts/" + id + "/acknowledge", "{\"by\":\"nurse 13\"}").path("acknowledged").path("by").asText());
        Awaitility.await().until(() -> last("ack-1").path("acknowledged").path("comment").asText().equals("on my way"));
        send("ack-1", now.plusMillis(1), 100);
        Awaitility.await().until(() -> last("ack-1").path("state").asText().equals("cleared"));
        assertEquals("nurse 12", last("ack-1").path("acknowledged").path("by").asText());
        Awaitility.await().until(() -> stored("ack-1", 1).get(0).path("state").asText().equals("cleared"));
        JsonNode alert = contract.valid(api.get("/alerts/" + id), "AlertInFull").path("data");
        assertEquals("nurse 12", alert.path("acknowledged").path("by").asText());
        assertEquals(List.of("fired", "acknowledged", "cleared"), alert.path("history").findValuesAsText("kind"));
        assertEquals(0, contract.valid(api.get("/alerts?sensor_id=ack-1&state=acknowledged"), "Alerts").path("count").asInt(), "it is cleared");
    }

    @Test
    void whoDoesNotSayWhoTheyAreIsTheirAddress() {
        addRule("anonymous", "anon", "\"severity\":\"warning\",\"above\":140");
        send("anon-1", Instant.now(), 152);
        assertEquals("by must be text that does not begin or end with a blank; by default, the name of the caller's key, or else the address of the caller; got '  '",
                contract.error(call("POST", "/alerts/" + firing("anon-1") + "/acknowledge", "{\"by\":\"  \"}"), 400).path("message").asText());
        assertEquals("127.0.0.1", post("/alerts/" + firing("anon-1") + "/acknowledge", "{}").path("acknowledged").path("by").asText());
    }

    @Test
    void anAlertThatBecomesMoreSevereIsNoLongerAcknowledgedNorShelved() {
        addRule("levels", "levels", "\"levels\":[{\"severity\":\"warning\",\"above\":120},{\"severity\":\"critical\",\"above\":140}]");
        Instant now = Instant.now();
        send("levels-1", now, 130);
        String id = firing("levels-1");
        post("/alerts/" + id + "/acknowledge", "{\"by\":\"nurse 12\"}");
        post("/alerts/" + id + "/shelve", "{\"for\":\"1h\"}");
        Awaitility.await().until(() -> !last("levels-1").path("acknowledged").isNull() && !last("levels-1").path("shelved_until").isNull());
        send("levels-1", now.plusMillis(1), 150);
        Awaitility.await().until(() -> last("levels-1").path("severity").asText().equals("critical"));
        assertTrue(last("levels-1").path("acknowledged").isNull());
        assertTrue(last("levels-1").path("shelved_until").isNull());
        Awaitility.await().until(() -> stored("levels-1", 1).get(0).path("severity").asText().equals("critical"));
        assertTrue(stored("levels-1", 1).get(0).path("acknowledged").isNull());
        assertTrue(stored("levels-1", 1).get(0).path("shelved_until").isNull());
        assertEquals(1, contract.valid(api.get("/alerts?sensor_id=levels-1&state=unacknowledged&severity=critical"), "Alerts").path("count").asInt());
    }

    @Test
    void anAlertIsShelvedUntilATimeOrUntilThatIsEnded() {
        addRule("shelved", "shelf", "\"severity\":\"warning\",\"above\":140");
        Instant now = Instant.now();
        send("shelf-1", now, 152);
        String id = firing("shelf-1");
        String until = post("/alerts/" + id + "/shelve", "{\"for\":\"30m\",\"comment\":\"being washed\"}").path("shelved_until").asText();
        assertTrue(Duration.between(Instant.now(), Instant.parse(until)).compareTo(Duration.ofMinutes(29)) > 0, until);
        Awaitility.await().until(() -> last("shelf-1").path("shelved_until").asText().equals(until));
        assertEquals(1, contract.valid(api.get("/alerts?sensor_id=shelf-1&state=shelved"), "Alerts").path("count").asInt());
        assertEquals(0, contract.valid(api.get("/alerts?sensor_id=shelf-1&state=open"), "Alerts").path("count").asInt());
        assertTrue(post("/alerts/" + id + "/shelve", "{\"for\":\"0s\"}").path("shelved_until").isNull());
        assertEquals(0, contract.valid(api.get("/alerts?sensor_id=shelf-1&state=shelved"), "Alerts").path("count").asInt());
        assertEquals(1, contract.valid(api.get("/alerts?sensor_id=shelf-1&state=open"), "Alerts").path("count").asInt());
        for (String wrong : List.of("{}", "{\"for\":\"1h\",\"until\":\"2100-01-01T00:00:00Z\"}", "{\"until\":\"2100-01-01T00:00:00Z\"}", "{\"for\":\"31d\"}", "{\"for\":\"999999d\"}", "{\"until\":\"-1h\"}")) {
            assertEquals("invalid_until", contract.error(call("POST", "/alerts/" + id + "/shelve", wrong), 400).path("code").asText());
        }
        send("shelf-1", now.plusMillis(1), 100);
        Awaitility.await().until(() -> stored("shelf-1", 1).get(0).path("state").asText().equals("cleared"));
        contract.error(call("POST", "/alerts/" + id + "/shelve", "{\"for\":\"1h\"}"), 409);
    }

    @Test
    void whatIsClearedByHandFiresAnewIfItsConditionHolds() {
        addRule("hand", "hand", "\"severity\":\"critical\",\"above\":140");
        Instant now = Instant.now();
        send("hand-1", now, 152);
        String id = firing("hand-1");
        JsonNode cleared = post("/alerts/" + id + "/clear", "{\"by\":\"nurse 12\"}");
        assertEquals("cleared nurse 12", cleared.path("state").asText() + " " + cleared.path("cleared_by").asText());
        awaitTold("hand-1", "firing critical 152", "cleared critical 152");
        assertEquals("nurse 12", last("hand-1").path("cleared_by").asText());
        send("hand-1", now.plusMillis(1), 153);
        awaitTold("hand-1", "firing critical 152", "cleared critical 152", "firing critical 153");
        JsonNode alerts = stored("hand-1", 2);
        assertEquals("firing", alerts.get(0).path("state").asText());
        assertEquals("cleared nurse 12", alerts.get(1).path("state").asText() + " " + alerts.get(1).path("cleared_by").asText());
        assertEquals(List.of("fired", "cleared"), contract.valid(api.get("/alerts/" + id), "AlertInFull").path("data").path("history").findValuesAsText("kind"));
    }

    @Test
    void anAlertThatCameBackTellsWhen() {
        addRule("back", "back", "\"severity\":\"critical\",\"above\":140");
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        send("back-1", now, 152);
        send("back-1", now.plusMillis(1), 100);
        send("back-1", now.plusMillis(2), 153);
        send("back-1", now.plusMillis(3), 100);
        awaitTold("back-1", "firing critical 152", "cleared critical 152", "firing critical 153", "cleared critical 153");
        assertEquals(now.plusMillis(2), Instant.parse(last("back-1").path("came_back_at").asText()));
        Awaitility.await().until(() -> stored("back-1", 1).get(0).path("state").asText().equals("cleared"));
        JsonNode alert = stored("back-1", 1).get(0);
        assertEquals(now.plusMillis(2), Instant.parse(alert.path("came_back_at").asText()));
        assertTrue(alert.path("cleared_by").isNull());
    }

    @Test
    void aLatchedAlertOutlastsItsConditionUntilSomebodyAcknowledgesIt() {
        addRule("latched", "latched", "\"severity\":\"critical\",\"above\":140,\"latched\":true");
        Instant now = Instant.now();
        send("latched-1", now, 152);
        send("latched-1", now.plusMillis(1), 100);
        awaitTold("latched-1", "firing critical 152", "firing critical 152");
        Awaitility.await().untilAsserted(() -> assertTrue(stored("latched-1", 1).get(0).path("latched").asBoolean()));
        String id = firing("latched-1");
        assertEquals("firing", post("/alerts/" + id + "/acknowledge", "{\"by\":\"nurse 12\"}").path("state").asText(), "until the change has its place between the readings");
        Awaitility.await().untilAsserted(() -> assertEquals("cleared", stored("latched-1", 1).get(0).path("state").asText()));
        JsonNode alert = contract.valid(api.get("/alerts/" + id), "AlertInFull").path("data");
        assertEquals(List.of("fired", "latched", "acknowledged", "cleared"), alert.path("history").findValuesAsText("kind"));
        assertEquals(alert.path("acknowledged").path("at"), alert.path("cleared_at"));
        assertTrue(!alert.path("latched").asBoolean() && alert.path("acknowledged").path("by").asText().equals("nurse 12"), alert::toString);
    }

    @Test
    void aRuleThatIsNoLongerLatchedClearsWhatWaits() {
        String rule = "{\"name\":\"released\",\"metric\":\"heart_rate\",\"sensors\":[\"released*\"],\"severity\":\"warning\",\"above\":140%s}";
        long id = contract.valid(call("POST", "/alert-rules", rule.formatted(",\"latched\":true")), "SavedAlertRule").path("data").path("id").asLong();
        Instant now = Instant.now();
        send("released-1", now, 152);
        send("released-1", now.plusMillis(1), 100);
        awaitTold("released-1", "firing warning 152", "firing warning 152");
        contract.valid(call("PUT", "/alert-rules/" + id, rule.formatted("")), "SavedAlertRule");
        awaitTold("released-1", "firing warning 152", "firing warning 152", "cleared warning 152");
    }

    @Test
    void aChangedRuleAppliesToTheNextReadingAndADeletedOneClearsItsAlerts() {
        long rule = addRule("changed", "changed", "\"severity\":\"warning\",\"above\":140,\"message\":\"before\"");
        Instant now = Instant.now();
        send("changed-1", now, 152);
        awaitTold("changed-1", "firing warning 152");
        String changed = "{\"name\":\"changed\",\"metric\":\"heart_rate\",\"sensors\":[\"changed*\"],\"severity\":\"warning\",\"above\":160}";
        assertEquals(2, contract.valid(call("PUT", "/alert-rules/" + rule, changed), "SavedAlertRule").path("data").path("version").asInt());
        send("changed-1", now.plusMillis(1), 152);
        awaitTold("changed-1", "firing warning 152", "cleared warning 152");
        send("changed-1", now.plusMillis(2), 170);
        awaitTold("changed-1", "firing warning 152", "cleared warning 152", "firing warning 170");
        assertEquals(200, api.call("DELETE", "/alert-rules/" + rule).statusCode());
        awaitTold("changed-1", "firing warning 152", "cleared warning 152", "firing warning 170", "cleared warning 170");
        String id = last("changed-1").path("id").asText();
        Awaitility.await().until(() -> reasons(id).size() == 4);
        assertEquals(List.of("null", "null", "null", "rule_deleted"), reasons(id), "readings made it fire, clear and come back");
        contract.error(api.get("/alert-rules/" + rule), 404);
        contract.error(call("PUT", "/alert-rules/" + rule, changed), 404);
        contract.error(api.call("DELETE", "/alert-rules/" + rule), 404);
    }

    /** @return of the events in the history of an alert */
    private static List<String> reasons(String id) {
        return contract.valid(api.get("/alerts/" + id), "AlertInFull").path("data").path("history").findValuesAsText("reason");
    }

    @Test
    void aRuleThatWasReadCanBeSentAgainAndANameIsUnique() {
        long id = addRule("again", "again", "\"severity\":\"warning\",\"outside\":[1.5,20.000000000000000001],\"schedule\":{\"from\":\"08:00\",\"to\":\"18:00\",\"tz\":\"Europe/Berlin\"}");
        assertTrue(api.get("/alert-rules/" + id).body().contains("[1.5,20.000000000000000001]"), "as it was written");
        JsonNode rule = contract.valid(api.get("/alert-rules/" + id), "SavedAlertRule").path("data");
        JsonNode changed = contract.valid(call("PUT", "/alert-rules/" + id, rule.toString()), "SavedAlertRule").path("data");
        assertEquals(rule.path("outside"), changed.path("outside"));
        assertEquals(2, changed.path("version").asInt());
        assertEquals("name_taken", contract.error(call("POST", "/alert-rules", rule.toString()), 409).path("code").asText());
        assertTrue(contract.valid(api.get("/alert-rules"), "AlertRules").path("data").findValuesAsText("name").contains("again"));
    }

    @Test
    void rulesAreFoundByTextAndListedInPagesWithTheirOpenAlerts() {
        String first = "page-Ärzte";
        long id = addRule(first, "page-1", "\"severity\":\"critical\",\"above\":140");
        addRule("page-b", "page-2", "\"severity\":\"info\",\"above\":140");
        addRule("page-c", "page-3", "\"severity\":\"info\",\"above\":140");
        assertEquals(List.of(first), listed("search=" + encoded("PAGE-ÄRZ")).path("data").findValuesAsText("name"));
        assertEquals(List.of("page-c"), listed("search=" + encoded("PAGE-3*")).path("data").findValuesAsText("name"), "sensors are searched, too");
        JsonNode page = listed("search=page-&limit=2");
        assertEquals(List.of("page-b", "page-c"), page.path("data").findValuesAsText("name"), "by code point");
        assertEquals(2, page.path("count").asInt());
        JsonNode last = listed("search=page-&limit=2&cursor=" + page.path("next").asText());
        assertEquals(List.of(first), last.path("data").findValuesAsText("name"));
        assertTrue(last.path("next").isNull());
        assertTrue(last.path("data").path(0).path("open_alerts").isMissingNode(), "only if it is asked for");
        send("page-1", Instant.now(), 152);
        Awaitility.await().until(() -> stored("page-1", 1).size() == 1);
        JsonNode rule = listed("with_alerts=true&search=" + encoded(first)).path("data").path(0);
        assertEquals(1, rule.path("open_alerts").asInt());
        JsonNode changed = contract.valid(call("PUT", "/alert-rules/" + id, rule.toString()), "SavedAlertRule").path("data");
        assertTrue(changed.path("open_alerts").isMissingNode(), "what was read can be sent");
        assertEquals(200, api.post("/alerts/" + stored("page-1", 1).get(0).path("id").asText() + "/acknowledge", "{}").statusCode());
        assertEquals(0, listed("with_alerts=true&search=" + encoded(first)).path("data").path(0).path("open_alerts").asInt());
    }

    private JsonNode listed(String query) {
        return contract.valid(api.get("/alert-rules?" + query), "AlertRules");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Test
    void conditionsOfATenantHaveLimitedLengthTogether() {
        String condition = "{\"name\":\"one too many\",\"severity\":\"info\",\"when\":\"x > 1\"}";
        long id = addRule("to be a condition", "nobody", "\"severity\":\"info\",\"above\":1");
        Database database = new Database(SETTINGS);
        String saved = "SET pipeline.tenant = 'default'; SELECT save_alert_rule(NULL, 'condition ' || n, '{\"severity\":\"info\",\"when\":\"x > 1\"}') FROM generate_series(1, 2000) AS n";
        database.run(saved);
        assertEquals("too_many_rules", contract.error(call("POST", "/alert-rules", condition), 409).path("code").asText());
        assertEquals("too_many_rules", contract.error(call("PUT", "/alert-rules/" + id, condition), 409).path("code").asText());
        addRule("a limit", "nobody", "\"severity\":\"info\",\"above\":1");
        String one = database.ask("SELECT rule_id FROM alert_rule WHERE name = 'condition 2000'");
        assertEquals(200, call("PUT", "/alert-rules/" + one, condition).statusCode(), "it was one before");
        database.run("DELETE FROM alert_rule WHERE definition ->> 'when' = 'x > 1'");
    }

    @Test
    void aLateReadingPagesNobodyUnlessTheClockIsSlow() {
        addRule("late", "late", "\"severity\":\"critical\",\"above\":140");
        Instant now = Instant.now();
        send("late-1", now.minusSeconds(600), 152);
        send("late-1", now.minusSeconds(200), 150);
        awaitTold("late-1", "firing critical 150");
    }

    @Test
    void aSilentSensorIsToldAndSoIsOneThatNeverSent() {
        HttpResponse<String> answer = call("POST", "/alert-rules", "{\"name\":\"silent\",\"severity\":\"critical\",\"silent_for\":\"2s\",\"sensors\":[\"silent-*\",\"never\"]}");
        assertEquals(201, answer.statusCode(), answer.body());
        send("silent-1", Instant.now(), 80);
        awaitTold("silent-1", "firing critical null");
        awaitTold("never", "firing critical null");
        assertEquals("no reading for 2 s", last("silent-1").path("message").asText());
        assertEquals("icu", last("silent-1").path("location").asText(), "where it was last");
        send("silent-1", Instant.now(), 80);
        awaitTold("silent-1", "firing critical null", "cleared critical null");
        Awaitility.await().until(() -> stored("silent-1", 1).get(0).path("state").asText().equals("cleared"));
        assertEquals(200, call("POST", "/sensors/silent-1/retire", "{\"retired\":true}").statusCode());
        Awaitility.await().until(() -> contract.valid(api.get("/alerts?sensor_id=never&state=firing"), "Alerts").path("count").asInt() == 1);
        assertEquals(200, api.call("DELETE", "/alert-rules/" + Http.json(answer).path("data").path("id").asLong()).statusCode());
        awaitTold("never", "firing critical null", "cleared critical null");
    }

    @Test
    void aSilenceThatIsClearedByHandFiresAnewInTimeWhileOtherSensorsSend() throws InterruptedException {
        Thread others = new Thread(() -> {
            while (!Thread.interrupted()) {
                IntStream.range(0, 12).forEach(i -> DEVICES.send(Readings.json("other-" + i, Instant.now().toString(), 1)));
                LockSupport.parkNanos(Duration.ofMillis(900).toNanos());
            }
        });
        others.start();
        HttpResponse<String> answer = call("POST", "/alert-rules", "{\"name\":\"quiet\",\"severity\":\"critical\",\"silent_for\":\"2s\",\"sensors\":[\"quiet-1\",\"quiet-2\",\"quiet-3\",\"quiet-4\",\"quiet-5\"]}");
        assertEquals(201, answer.statusCode(), answer.body());
        for (int round = 0; round < 3; round++) {
            for (int sensor = 1; sensor <= 5; sensor++) {
                int count = round + 1;
                String id = "quiet-" + sensor;
                Awaitility.await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(20)).until(() -> stored(id, count).get(0).path("state").asText().equals("firing"));
            }
            for (int sensor = 1; sensor <= 5; sensor++) {
                post("/alerts/" + stored("quiet-" + sensor, round + 1).get(0).path("id").asText() + "/clear", "{}");
            }
        }
        others.interrupt();
        others.join();
        assertEquals(200, api.call("DELETE", "/alert-rules/" + Http.json(answer).path("data").path("id").asLong()).statusCode());
    }

    @Test
    void rulesAndAlertsOfOneTenantAreInvisibleToOthers() throws Exception {
        Settings acme = SETTINGS.with("api.tenant", "acme").with("api.port", 0).with("management.port", 0);
        try (Pipeline other = new Pipeline(acme, Set.of(Services.API))) {
            other.start();
            Http api2 = new Http(other.port("api.port"));
            long rule = addRule("ours", "tenant", "\"severity\":\"critical\",\"above\":140");
            assertEquals(0, contract.valid(api2.get("/alert-rules"), "AlertRules").path("count").asInt());
            contract.error(api2.get("/alert-rules/" + rule), 404);
            String theirs = "{\"name\":\"ours\",\"metric\":\"heart_rate\",\"severity\":\"info\",\"above\":1}";
            assertEquals(201, api2.post("/alert-rules", theirs).statusCode(), "a name is unique within a tenant");
            try (AlertListener listener2 = new AlertListener(other.port("api.port"))) {
                send("tenant-1", Instant.now(), 152);
                awaitTold("tenant-1", "firing critical 152");
                DEVICES.sendTo(SETTINGS.text("topic.name") + ".acme", List.of("{\"sensor_id\":\"tenant-1\",\"heart_rate\":5,\"timestamp\":\"%s\"}".formatted(Instant.now())));
                Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !listener2.alerts().isEmpty());
                assertEquals(List.of("info"), listener2.alerts().stream().map(alert -> alert.path("severity").asText()).toList());
                assertEquals(List.of("firing critical 152"), told("tenant-1"));
                Awaitility.await().until(() -> contract.valid(api2.get("/alerts?sensor_id=tenant-1"), "Alerts").path("count").asInt() == 1);
                contract.error(api2.get("/alerts/" + firing("tenant-1")), 404);
                contract.error(api2.post("/alerts/" + firing("tenant-1") + "/acknowledge", "{}"), 404);
            }
        }
    }

    @Test
    void pagesOfAlertsFollowOneAnother() {
        addRule("pages", "page", "\"severity\":\"info\",\"above\":140");
        Instant now = Instant.now();
        for (int i = 0; i < 7; i++) {
            send("page-" + i, now.plusMillis(i / 2), 150);
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> api.get("/alerts?rule=pages").body().contains("\"count\":7,"));
        List<String> seen = new ArrayList<>();
        String cursor = "";
        while (cursor != null) {
            JsonNode page = contract.valid(api.get("/alerts?rule=pages&limit=3" + (cursor.isEmpty() ? "" : "&cursor=" + cursor)), "Alerts");
            seen.addAll(page.path("data").findValuesAsText("sensor_id"));
            cursor = page.path("next").isNull() ? null : page.path("next").asText();
        }
        assertEquals(7, seen.size());
        assertEquals(7, Set.copyOf(seen).size());
        assertEquals("page-6", seen.get(0));
        assertEquals(0, contract.valid(api.get("/alerts?rule=pages&to=" + now), "Alerts").path("count").asInt());
    }

    @Test
    void jmxHasTheFiguresOfAlerts() throws Exception {
        AlertsMXBean figures = JMX.newMXBeanProxy(ManagementFactory.getPlatformMBeanServer(), new ObjectName("sensorpipeline:type=Alerts,context=" + PIPELINE.camel().getManagementName()),
                AlertsMXBean.class);
        double before = figures.getTransitionsPublished();
        addRule("figures", "figures", "\"severity\":\"info\",\"above\":140");
        send("figures-1", Instant.now(), 152);
        awaitTold("figures-1", "firing info 152");
        Awaitility.await().untilAsserted(() -> assertTrue(figures.getTransitionsPublished() > before));
        assertTrue(figures.getMeanLatencySeconds() > 0);
        assertTrue(figures.getStates() >= 1, "an alert is open");
        assertTrue(figures.getCheckpointAgeSeconds() >= 0);
    }

    @Test
    void whatIsNotThereOrWrongIsSaid() {
        contract.error(api.get("/alerts/00000000-0000-0000-0000-000000000000"), 404);
        contract.error(api.get("/alerts/x"), 400);
        contract.error(api.get("/alert-rules/try"), 405);
        contract.error(call("POST", "/alerts/00000000-0000-0000-0000-000000000000/clear", "{}"), 404);
        assertEquals("invalid_rule", contract.error(call("POST", "/alert-rules", "{\"name\":\"x\",\"metric\":\"y\"}"), 400).path("code").asText());
        contract.error(call("POST", "/alert-rules", "{\"name\":\"x\",\"metric\":\"y\",\"severity\":\"bad\",\"above\":1}"), 400);
        contract.error(api.get("/alerts?state=new"), 400);
        contract.error(api.call("POST", "/alerts/00000000-0000-0000-0000-000000000000/acknowledge"), 415);
    }
}
