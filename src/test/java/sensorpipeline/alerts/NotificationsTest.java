package sensorpipeline.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.internet.MimeMessage;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.camel.builder.RouteBuilder;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Logged;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;
import sensorpipeline.support.WebhookReceiver;

/** People are told of what they have to know, once, and not of what they need not. */
class NotificationsTest {

    private static final String SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    private static final GreenMail MAIL = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    private static Settings settings;
    private static Pipeline pipeline;
    private static Readings devices;
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        MAIL.start();
        settings = Servers.settings().with("alerts.smtp.host", "127.0.0.1").with("alerts.smtp.port", MAIL.getSmtp().getPort()).with("alerts.smtp.from", "alerts@example.org")
                .with("public.url", "https://sensors.example.org").with("alerts.time.zone", "Europe/Berlin");
        pipeline = new Pipeline(settings, Set.of(Services.CONSUMER, Services.ALERTS, Services.API));
        pipeline.start();
        devices = new Readings(settings);
        api = new Http(pipeline.port("api.port"));
        contract = new Contract(api);
    }

    @AfterAll
    static void stop() {
        devices.close();
        pipeline.close();
        MAIL.stop();
    }

    private static HttpResponse<String> call(String method, String path, String body) {
        return api.call(method, path, HttpRequest.BodyPublishers.ofString(body), "Content-Type", "application/json");
    }

    private static JsonNode accepted(String method, String path, String body, String schema) {
        HttpResponse<String> answer = call(method, path, body);
        assertTrue(answer.statusCode() < 300, answer.body());
        return contract.valid(answer, schema).path("data");
    }

    private static void addRule(String name, String severity) {
        accepted("POST", "/alert-rules", "{\"name\":\"%s\",\"metric\":\"x\",\"above\":7,\"severity\":\"%s\",\"sensors\":[\"%s-*\"]}".formatted(name, severity, name), "SavedAlertRule");
    }

    /** @return the id of a new channel */
    private static long addChannel(String name, String fields) {
        return accepted("POST", "/alert-channels", "{\"name\":\"%s\",%s}".formatted(name, fields), "SavedAlertChannel").path("id").asLong();
    }

    private static String webhook(WebhookReceiver receiver, String sensors) {
        return "\"webhook\":{\"url\":\"%s\",\"secret\":\"%s\"},\"sensors\":[\"%s-*\"]".formatted(receiver.url(), SECRET, sensors);
    }

    private static JsonNode status(long channel) {
        return contract.valid(api.get("/alert-channels/" + channel), "SavedAlertChannel").path("data").path("status");
    }

    private static ProducerRecord<byte[], byte[]> record(String sensor, Instant at, double value) {
        String json = "{\"sensor_id\":\"%s\",\"location\":\"icu\",\"x\":%s,\"timestamp\":\"%s\"}".formatted(sensor, value, at);
        return new ProducerRecord<>(settings.text("topic.name"), sensor.getBytes(StandardCharsets.UTF_8), json.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(String sensor, double value) {
        devices.sendRecords(List.of(record(sensor, Instant.now(), value)));
    }

    private static void await(ThrowingRunnable check) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(20)).untilAsserted(check);
    }

    private static long number(String sql) {
        return Long.parseLong(new Database(settings).ask(sql));
    }

    private static void change(String sql) {
        new Database(settings).run(sql);
    }

    /** What waits until later is due now. */
    private static void passTime(long channel) {
        change("UPDATE alert_notice SET due_at = now() WHERE message_id IS NULL AND channel_id = " + channel);
    }

    /** The next attempt to deliver what waits is in an hour. */
    private static void postpone(long channel) {
        await(() -> {
            change("UPDATE alert_message SET next_attempt_at = now() + interval '1 hour' WHERE leased_until IS NULL AND channel_id = " + channel);
            assertEquals(1, number("SELECT count(*) FROM alert_message WHERE next_attempt_at > now() + interval '50 minutes' AND channel_id = " + channel));
        });
    }

    private static void test(long channel) {
        JsonNode test = accepted("POST", "/alert-channels/" + channel + "/test", "{}", "SavedAlertChannel").path("status").path("test");
        assertTrue(test.path("delivered_at").isNull() && test.path("failed_at").isNull(), test::toString);
    }

    private static JsonNode statusWithoutTest(long channel) {
        return ((ObjectNode) status(channel)).without("test");
    }

    private static boolean isWaiting(long channel, String kind) {
        return number("SELECT count(*) FROM alert_notice WHERE message_id IS NULL AND if_open AND kind = '%s' AND channel_id = %d".formatted(kind, channel)) > 0;
    }

    private static void acknowledge(String sensor) {
        String id = contract.valid(api.get("/alerts?sensor_id=" + sensor), "Alerts").path("data").path(0).path("id").asText();
        accepted("POST", "/alerts/" + id + "/acknowledge", "{}", "ChangedAlert");
    }

    @Test
    void anAlertIsPostedOnceWithASignatureAndSoIsItsEnd() throws Exception {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            addRule("posted", "critical");
            long channel = addChannel("posted", webhook(receiver, "posted"));
            send("posted-1", 8);
            await(() -> assertEquals(List.of("fired posted-1"), receiver.events()));
            send("posted-1", 1);
            await(() -> assertEquals(List.of("fired posted-1", "cleared posted-1"), receiver.events()));
            WebhookReceiver.Message message = receiver.messages().get(0);
            assertEquals("x is 8, above 7", message.data().path("alerts").path(0).path("message").asText());
            assertEquals(1, message.data().path("critical").asInt());
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(SECRET.substring(6)), "HmacSHA256"));
            byte[] expected = mac.doFinal((message.id() + "." + message.timestamp() + "." + message.text()).getBytes(StandardCharsets.UTF_8));
            assertEquals("v1," + Base64.getEncoder().encodeToString(expected), message.signature());
            assertNotEquals(message.id(), receiver.messages().get(1).id());
            await(() -> assertEquals(0, status(channel).path("waiting").asInt()));
            assertTrue(status(channel).path("failing_since").isNull());
            assertFalse(api.get("/alert-channels").body().contains(SECRET.substring(6)));
        }
    }

    @Test
    void aChannelTellsOnlyWhatItIsFor() {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            addRule("chosen", "critical");
            addRule("chosen-less", "warning");
            addChannel("severe", webhook(receiver, "chosen") + ",\"severity\":\"critical\"");
            addChannel("elsewhere", webhook(receiver, "chosen") + ",\"locations\":[\"ward-*\"]");
            addChannel("other-rules", webhook(receiver, "chosen") + ",\"rules\":[\"other\"]");
            send("chosen-less-1", 8);
            devices.sendRecords(List.of(record("chosen-late", Instant.now().minus(Duration.ofHours(1)), 8)));
            send("chosen-1", 8);
            await(() -> assertTrue(receiver.events().contains("fired chosen-1")));
            // The rule "chosen" is about chosen-less-1, too.
            assertEquals(Set.of("fired chosen-less-1", "fired chosen-1"), Set.copyOf(receiver.events()));
            assertEquals(2, receiver.events().size());
            assertEquals(Set.of("critical"), Set.copyOf(receiver.messages().stream().flatMap(message -> message.data().path("alerts").findValuesAsText("severity").stream()).toList()));
        }
    }

    @Test
    void whileAWebhookFailsItsFallbackTellsAndThenNothingIsLost() {
        try (WebhookReceiver receiver = new WebhookReceiver(); WebhookReceiver other = new WebhookReceiver()) {
            addRule("failing", "critical");
            long channel = addChannel("failing", webhook(receiver, "failing"));
            addChannel("fallback", webhook(other, "failing") + ",\"fallback_for\":[\"failing\"],\"fallback_after\":\"1s\"");
            receiver.answer(503);
            send("failing-1", 8);
            await(() -> assertTrue(status(channel).path("error").asText().endsWith(" answered 503 Service Unavailable")));
            send("failing-2", 8);
            await(() -> assertEquals(2, status(channel).path("waiting").asInt()));
            send("failing-1", 1);
            await(() -> assertEquals(List.of("fired failing-1", "fired failing-2", "cleared failing-1"), other.events()));
            assertEquals(3, status(channel).path("waiting").asInt());
            receiver.answer(200);
            await(() -> assertEquals(List.of("fired failing-1", "fired failing-2", "cleared failing-1"), receiver.events()));
            assertEquals(1, receiver.messages().stream().filter(message -> message.events().contains("fired failing-1")).map(WebhookReceiver.Message::id).distinct().count(),
                    "each attempt has the same id");
            await(() -> assertTrue(status(channel).path("failing_since").isNull()));
            send("failing-2", 1);
            await(() -> assertTrue(receiver.events().contains("cleared failing-2")));
            await(() -> assertTrue(other.events().contains("cleared failing-2"), "who was told that it fires is told that it is over"));
        }
    }

    @Test
    void aLatchedAlertIsEscalatedAlthoughItsConditionIsOverAndWhatComesBackIsTheSame() {
        try (WebhookReceiver receiver = new WebhookReceiver(); WebhookReceiver chief = new WebhookReceiver()) {
            accepted("POST", "/alert-rules", """
                    {"name":"kept","metric":"x","levels":[{"severity":"warning","above":7},{"severity":"critical","above":70}],"latched":true,"sensors":["kept-*"]}""", "SavedAlertRule");
            addChannel("kept", webhook(receiver, "kept"));
            long escalation = addChannel("kept-chief", webhook(chief, "kept") + ",\"after\":\"10m\"");
            send("kept-1", 8);
            send("kept-1", 1);
            await(() -> assertTrue(isWaiting(escalation, "fired")));
            await(() -> assertTrue(contract.valid(api.get("/alerts?sensor_id=kept-1"), "Alerts").path("data").path(0).path("latched").asBoolean()));
            passTime(escalation);
            await(() -> assertEquals(List.of("fired kept-1"), chief.events()));
            assertTrue(chief.messages().get(0).data().path("alerts").path(0).path("latched").asBoolean(), "who hears of it knows that it is over");
            send("kept-1", 9);
            send("kept-1", 71);
            await(() -> assertEquals(List.of("fired kept-1", "changed kept-1"), receiver.events(), "that it is back was no news, that it is worse is"));
            send("kept-1", 1);
            acknowledge("kept-1");
            await(() -> assertEquals(List.of("fired kept-1", "changed kept-1", "cleared kept-1"), receiver.events()));
        }
    }

    @Test
    void aMessageThatCannotBeDeliveredForADayIsGivenUpAndToldSo() {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            addRule("day", "critical");
            long channel = addChannel("day", webhook(receiver, "day"));
            receiver.answer(500);
            send("day-1", 8);
            await(() -> assertTrue(status(channel).path("error").asText().endsWith(" answered 500 Internal Server Error")));
            change("UPDATE alert_message SET created_at = now() - interval '25 hours', next_attempt_at = now() WHERE channel_id = " + channel);
            await(() -> assertEquals(1, status(channel).path("given_up").asInt()));
            receiver.answer(204);
            send("day-2", 8);
            await(() -> assertEquals(List.of("fired day-2"), receiver.events()));
            assertEquals(1, status(channel).path("given_up").asInt());
        }
    }

    @Test
    void whatWasGivenUpIsNotReportedOnceSomebodyHasAcknowledgedIt() {
        long channel = addChannel("known", "\"email\":{\"to\":[\"a@example.org\"]},\"sensors\":[\"known-*\"]");
        assertTrue(acknowledgeChannel(channel, "{\"by\":\"nurse 11\"}").path("acknowledged").isNull(), "there was nothing to acknowledge");
        giveUp(channel, "2 hours", false);
        giveUp(channel, "1 hour", false);
        JsonNode seen = status(channel);
        assertEquals(2, seen.path("given_up").asInt());
        giveUp(channel, "1 minute", false);
        giveUp(channel, "1 second", true);
        JsonNode status = acknowledgeChannel(channel, "{\"by\":\"nurse 12\",\"through\":\"%s\"}".formatted(seen.path("given_up_at").asText()));
        assertEquals("1 nurse 12", status.path("given_up").asText() + " " + status.path("acknowledged").path("by").asText(), "the one that was not seen is still reported");
        assertTrue(Instant.parse(status.path("acknowledged").path("at").asText()).isAfter(Instant.now().minusSeconds(60)));
        assertEquals("1 nurse 12", acknowledgeChannel(channel, "{\"by\":\"nurse 13\",\"through\":\"2025-01-15T10:30:00Z\"}").path("given_up").asText() + " "
                + status(channel).path("acknowledged").path("by").asText());
        status = acknowledgeChannel(channel, "{}");
        assertEquals("0 127.0.0.1", status.path("given_up").asText() + " " + status.path("acknowledged").path("by").asText());
        assertTrue(status.path("given_up_at").isNull());
        assertEquals(status, acknowledgeChannel(channel, "{\"by\":\"nurse 14\"}"), "who was first stays");
        test(channel);
        JsonNode read = contract.valid(api.get("/alert-channels/" + channel), "SavedAlertChannel").path("data");
        assertEquals(1, read.path("version").asInt());
        assertEquals(status.path("acknowledged"), accepted("PUT", "/alert-channels/" + channel, read.toString(), "SavedAlertChannel").path("status").path("acknowledged"));
        giveUp(channel, "0 seconds", false);
        assertEquals("1 127.0.0.1", status(channel).path("given_up").asText() + " " + status(channel).path("acknowledged").path("by").asText());
        assertEquals("unknown_channel", contract.error(call("POST", "/alert-channels/4711/acknowledge", "{}"), 404).path("code").asText());
        assertEquals("invalid_by", contract.error(call("POST", "/alert-channels/" + channel + "/acknowledge", "{\"by\":\"\"}"), 400).path("code").asText());
    }

    private static JsonNode acknowledgeChannel(long channel, String body) {
        return accepted("POST", "/alert-channels/" + channel + "/acknowledge", body, "SavedAlertChannel").path("status");
    }

    private static void giveUp(long channel, String ago, boolean isTest) {
        change("INSERT INTO alert_message (channel_id, tenant, body, given_up_at, is_test) VALUES (%d, 'default', '{}', now() - interval '%s', %s)".formatted(channel, ago, isTest));
    }

    @Test
    void whatNobodyAcknowledgesIsRepeatedAndEscalated() {
        try (WebhookReceiver receiver = new WebhookReceiver(); WebhookReceiver chief = new WebhookReceiver()) {
            addRule("open", "critical");
            long channel = addChannel("open", webhook(receiver, "open") + ",\"repeat\":\"5m\"");
            long escalation = addChannel("chief", webhook(chief, "open") + ",\"after\":\"10m\"");
            send("open-1", 8);
            send("open-2", 8);
            send("open-3", 8);
            await(() -> assertEquals(3, receiver.events().size()));
            await(() -> assertTrue(isWaiting(channel, "repeated") && isWaiting(escalation, "fired")));
            await(() -> assertEquals(1, contract.valid(api.get("/alerts?sensor_id=open-3"), "Alerts").path("count").asInt()));
            acknowledge("open-1");
            send("open-2", 1);
            await(() -> assertTrue(receiver.events().contains("cleared open-2")));
            passTime(channel);
            passTime(escalation);
            await(() -> assertEquals(List.of("repeated open-3"), receiver.events().stream().skip(4).toList()));
            await(() -> assertEquals(List.of("fired open-3"), chief.events()));
            // And so on, until somebody acknowledges it.
            await(() -> assertTrue(isWaiting(channel, "repeated")));
            acknowledge("open-3");
            passTime(channel);
            await(() -> assertFalse(isWaiting(channel, "repeated")));
            assertEquals(5, receiver.events().size());
        }
    }

    @Test
    void whatIsShelvedIsToldAfterwardsIfItIsStillOpen() {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            addRule("shelved", "warning");
            long channel = addChannel("shelved", webhook(receiver, "shelved") + ",\"repeat\":\"5m\"");
            send("shelved-1", 8);
            await(() -> assertTrue(isWaiting(channel, "repeated")));
            String id = contract.valid(api.get("/alerts?sensor_id=shelved-1"), "Alerts").path("data").path(0).path("id").asText();
            accepted("POST", "/alerts/" + id + "/shelve", "{\"for\":\"1h\"}", "ChangedAlert");
            passTime(channel);
            await(() -> assertEquals(1, number("SELECT count(*) FROM alert_notice WHERE due_at > now() + interval '59 minutes' AND channel_id = " + channel)));
            assertEquals(List.of("fired shelved-1"), receiver.events());
            change("UPDATE alert SET shelved_until = now() WHERE alert_id = '%s'".formatted(id));
            passTime(channel);
            await(() -> assertEquals(List.of("fired shelved-1", "repeated shelved-1"), receiver.events()));
        }
    }

    @Test
    void channelsThatNameARuleFollowItIfItIsRenamed() {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            String rule = "{\"name\":\"%s\",\"metric\":\"x\",\"above\":7,\"severity\":\"info\",\"sensors\":[\"renamed-*\"]}";
            long id = accepted("POST", "/alert-rules", rule.formatted("50%_\\\\"), "SavedAlertRule").path("id").asLong();
            long channel = addChannel("renamed", webhook(receiver, "renamed") + ",\"rules\":[\"50%_\\\\\",\"50*\"]");
            accepted("PUT", "/alert-rules/" + id, rule.formatted("100%_"), "SavedAlertRule");
            JsonNode changed = contract.valid(api.get("/alert-channels/" + channel), "SavedAlertChannel").path("data");
            assertEquals("[\"100%_\",\"50*\"]", changed.path("rules").toString());
            assertEquals(2, changed.path("version").asInt());
            send("renamed-1", 8);
            await(() -> assertEquals(List.of("fired renamed-1"), receiver.events()));
        }
    }

    @Test
    void inQuietHoursNothingIsToldAndAfterwardsWhatIsStillOpen() {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            addRule("quiet", "info");
            long channel = addChannel("quiet", webhook(receiver, "quiet") + ",\"quiet\":{\"from\":\"00:00\",\"to\":\"00:00\"}");
            send("quiet-1", 8);
            send("quiet-2", 8);
            await(() -> assertEquals(2, number("SELECT count(*) FROM alert_notice WHERE if_open AND due_at > now() AND channel_id = " + channel)));
            send("quiet-1", 1);
            await(() -> assertEquals("cleared", contract.valid(api.get("/alerts?sensor_id=quiet-1"), "Alerts").path("data").path(0).path("state").asText()));
            assertTrue(receiver.messages().isEmpty());
            accepted("PUT", "/alert-channels/" + channel, "{\"name\":\"quiet\",\"webhook\":{\"url\":\"%s\"},\"sensors\":[\"quiet-*\"]}".formatted(receiver.url()), "SavedAlertChannel");
            // An attempt that began before the quiet hours were removed postpones what is due once more.
            await(() -> {
                passTime(channel);
                assertEquals(List.of("fired quiet-2"), receiver.events());
            });
            assertTrue(receiver.messages().get(0).signature().startsWith("v1,"), "it has the secret of before");
            send("quiet-2", 1);
            await(() -> assertEquals(List.of("fired quiet-2", "cleared quiet-2"), receiver.events()));
        }
    }

    @Test
    void aStormIsToldInFewMessagesThatSaySo() {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            addRule("storm", "critical");
            addChannel("storm", webhook(receiver, "storm"));
            Instant now = Instant.now();
            devices.sendRecords(IntStream.range(0, 10_000).mapToObj(i -> record("storm-" + i, now, 8)).toList());
            await(() -> assertEquals(10_000, receiver.messages().stream().mapToInt(message -> message.data().path("count").asInt()).sum()));
            // Those before so many are counted, and then one every ten seconds.
            long most = 3 + Duration.between(now, Instant.now()).toSeconds() / 10;
            assertTrue(receiver.messages().size() <= most, () -> receiver.messages().size() + " messages rather than " + most);
            WebhookReceiver.Message last = receiver.messages().get(receiver.messages().size() - 1);
            assertTrue(last.data().path("storm").asBoolean());
            assertEquals(100, last.data().path("alerts").size());
            assertEquals(10_000, number("SELECT count(*) FROM alert WHERE sensor_id LIKE 'storm-%'"));
        }
    }

    @Test
    void anAlertIsToldByEmail() throws Exception {
        accepted("PUT", "/metrics/x", "{\"unit\":\"bpm\",\"display_name\":\"Heart rate\"}", "DeclaredMetric");
        addRule("mailed", "critical");
        long channel = addChannel("mailed", "\"email\":{\"to\":[\"shift@example.org\",\"chief@example.org\"]},\"sensors\":[\"mailed-*\"]");
        send("mailed-1", 8);
        await(() -> assertEquals(2, MAIL.getReceivedMessagesForDomain("example.org").length, () -> status(channel).toString()));
        MimeMessage mail = MAIL.getReceivedMessagesForDomain("example.org")[0];
        assertEquals("CRITICAL mailed, mailed-1 (icu): 8 bpm", mail.getSubject());
        assertEquals("alerts@example.org", mail.getFrom()[0].toString());
        assertTrue(mail.getContentType().startsWith("text/plain"), mail.getContentType());
        String since = "\\w{3} \\d{1,2} \\w{3} 20\\d\\d, \\d\\d:\\d\\d:\\d\\d \\(Europe/Berlin\\)";
        String body = GreenMailUtil.getBody(mail);
        assertTrue(body.matches("CRITICAL mailed\\R" + "What: Heart rate is 8 bpm, above 7\\R" + "Where: mailed-1 \\(icu\\)\\R" + "Since: " + since + "\\R"
                + "Link: https://sensors.example.org/alert\\?alert_id=[0-9a-f-]{36}\\R?"), body);
        await(() -> assertFalse(status(channel).path("delivered_at").isNull()));
    }

    @Test
    void aChannelIsTried() {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            long channel = addChannel("tried", webhook(receiver, "tried"));
            assertTrue(status(channel).path("test").isNull());
            test(channel);
            await(() -> assertFalse(status(channel).path("test").path("delivered_at").isNull()));
            assertEquals(1, receiver.messages().size());
            assertTrue(receiver.messages().get(0).data().path("test").asBoolean());
            long unreachable = addChannel("unreachable", "\"webhook\":{\"url\":\"http://127.0.0.1:1/\",\"secret\":\"0123456789abcdef\"},\"sensors\":[\"tried-*\"]");
            test(unreachable);
            await(() -> assertEquals("connection refused by 127.0.0.1:1", status(unreachable).path("test").path("error").asText()));
            long unknown = addChannel("unknown-kind", "\"route\":{\"name\":\"chat\"},\"sensors\":[\"tried-*\"]");
            test(unknown);
            await(() -> assertEquals("the route \"notify-chat\" is not running", status(unknown).path("test").path("error").asText()));
        }
    }

    @Test
    void aTestOfAFailingChannelIsTriedOnceAndChangesNothingUntilItIsDelivered() {
        try (WebhookReceiver receiver = new WebhookReceiver(); WebhookReceiver other = new WebhookReceiver()) {
            addRule("hastened", "critical");
            long channel = addChannel("hastened", webhook(receiver, "hastened"));
            addChannel("hastened-fallback", webhook(other, "hastened") + ",\"fallback_for\":[\"hastened\"],\"fallback_after\":\"1h\"");
            receiver.answer(503);
            send("hastened-1", 8);
            await(() -> assertFalse(status(channel).path("failing_since").isNull()));
            postpone(channel);
            JsonNode before = statusWithoutTest(channel);
            int attempts = receiver.messages().size();
            test(channel);
            await(() -> assertTrue(status(channel).path("test").path("error").asText().endsWith(" answered 503 Service Unavailable"), () -> status(channel).toString()));
            assertFalse(status(channel).path("test").path("failed_at").isNull());
            assertTrue(status(channel).path("test").path("delivered_at").isNull());
            assertEquals(before, statusWithoutTest(channel), "the test is none of what the channel has to tell");
            receiver.answer(204);
            test(channel);
            await(() -> assertFalse(status(channel).path("test").path("delivered_at").isNull()));
            assertTrue(status(channel).path("test").path("error").isNull());
            await(() -> assertEquals(List.of("fired hastened-1"), receiver.events(), "what waits is tried at once"));
            await(() -> assertTrue(status(channel).path("failing_since").isNull()));
            assertEquals(List.of(true, true, false), receiver.messages().stream().skip(attempts).map(message -> message.data().path("test").asBoolean()).toList());
            assertEquals(List.of(), other.messages());
        }
    }

    @Test
    void aChannelWhoseTestFailsDoesNotFail() {
        try (WebhookReceiver receiver = new WebhookReceiver(); WebhookReceiver other = new WebhookReceiver(); Logged logged = new Logged("sensorpipeline.alerts.Notifications")) {
            addRule("untested", "critical");
            long channel = addChannel("untested", webhook(receiver, "untested"));
            addChannel("untested-fallback", webhook(other, "untested") + ",\"fallback_for\":[\"untested\"],\"fallback_after\":\"0s\"");
            receiver.answer(500);
            test(channel);
            await(() -> assertFalse(status(channel).path("test").path("failed_at").isNull()));
            JsonNode status = status(channel);
            assertTrue(status.path("failing_since").isNull() && status.path("error").isNull() && status.path("delivered_at").isNull(), status::toString);
            assertEquals("0 0", status.path("waiting").asText() + " " + status.path("given_up").asText());
            receiver.answer(204);
            send("untested-1", 8);
            await(() -> assertEquals(List.of("fired untested-1"), receiver.events()));
            await(() -> assertFalse(status(channel).path("delivered_at").isNull()));
            assertEquals(2, receiver.messages().size(), "the test was tried once");
            assertEquals(List.of(), other.messages());
            assertEquals(List.of(), logged.messages().stream().filter(message -> message.contains("'untested'")).toList());
        }
    }

    @Test
    void aTestWaitsNeitherForAMessageThatHangsNorForQuietHours() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        pipeline.camel().addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:notify-busy").errorHandler(noErrorHandler()).filter(exchange -> !exchange.getVariable("channel", DueChannel.class).isTest()).process(exchange -> {
                    begun.countDown();
                    awaitUninterruptibly(end);
                });
            }
        });
        try {
            addRule("busy", "critical");
            long channel = addChannel("busy", "\"route\":{\"name\":\"busy\"},\"sensors\":[\"busy-*\"]");
            send("busy-1", 8);
            await(() -> assertEquals(0, begun.getCount()));
            test(channel);
            await(() -> assertFalse(status(channel).path("test").path("delivered_at").isNull()));
            assertTrue(status(channel).path("delivered_at").isNull());
            assertEquals(1, status(channel).path("waiting").asInt());
            long quiet = addChannel("quiet-test", "\"route\":{\"name\":\"busy\"},\"sensors\":[\"none-*\"],\"quiet\":{\"from\":\"00:00\",\"to\":\"00:00\"}");
            test(quiet);
            await(() -> assertFalse(status(quiet).path("test").path("delivered_at").isNull()));
        } finally {
            end.countDown();
        }
    }

    @Test
    void aFailingChannelThatIsMendedByAChangeIsLoggedToWorkAgain() {
        try (WebhookReceiver receiver = new WebhookReceiver(); WebhookReceiver other = new WebhookReceiver(); Logged logged = new Logged("sensorpipeline.alerts.Notifications")) {
            addRule("mended", "critical");
            long channel = addChannel("mended", webhook(receiver, "mended"));
            receiver.answer(503);
            send("mended-1", 8);
            await(() -> assertFalse(status(channel).path("failing_since").isNull()));
            postpone(channel);
            accepted("PUT", "/alert-channels/" + channel, "{\"name\":\"mended\",%s}".formatted(webhook(other, "mended")), "SavedAlertChannel");
            await(() -> assertEquals(List.of("fired mended-1"), other.events()));
            send("mended-1", 1);
            await(() -> assertEquals(List.of("fired mended-1", "cleared mended-1"), other.events()));
            await(() -> assertEquals(List.of("WARN", "INFO Channel 'mended' of tenant default delivers messages about alerts again"),
                    logged.messages().stream().filter(message -> message.contains("'mended'")).map(message -> message.replaceFirst("^WARN .*", "WARN")).toList()));
        }
    }

    @Test
    void whatWasReadCanBeSentAndWhatContradictsItselfIsRefused() {
        long channel = addChannel("kept", "\"email\":{\"to\":[\"a@example.org\"]},\"sensors\":[\"kept-*\"]");
        String read = contract.valid(api.get("/alert-channels/" + channel), "SavedAlertChannel").path("data").toString();
        assertEquals(2, accepted("PUT", "/alert-channels/" + channel, read, "SavedAlertChannel").path("version").asInt());
        assertRefused(400, "invalid_channel", "{\"name\":\"a\"}");
        assertRefused(400, "missing_secret", "{\"name\":\"a\",\"webhook\":{\"url\":\"http://x/\"}}");
        assertRefused(400, "invalid_channel", "{\"name\":\"a\",\"webhook\":{\"url\":\"file:///etc/passwd\",\"secret\":\"0123456789abcdef\"}}");
        assertRefused(400, "invalid_channel", "{\"name\":\"a\",\"email\":{\"to\":[\"nobody\"]}}");
        assertRefused(400, "invalid_channel", "{\"name\":\"a\",\"email\":{\"to\":[\"\u0141ucja@example.org\"]}}");
        assertRefused(400, "invalid_channel", "{\"name\":\"a\",\"route\":{\"name\":\"channels\"}}");
        assertRefused(400, "invalid_channel", "{\"name\":\"a\",\"email\":{\"to\":[\"a@b\"]},\"repeat\":\"5s\"}");
        assertRefused(400, "invalid_fallback_for", "{\"name\":\"a\",\"email\":{\"to\":[\"a@b\"]},\"fallback_for\":[\"nobody\"]}");
        assertRefused(400, "invalid_channel", "{\"name\":\"a\",\"email\":{\"to\":[\"a@b\"]},\"fallback_for\":[\"kept\"],\"after\":\"1m\"}");
        assertRefused(400, "invalid_channel", "{\"name\":\"a\",\"email\":{\"to\":[\"a@b\"]},\"fallback_after\":\"1m\"}");
        assertRefused(400, "invalid_quiet", "{\"name\":\"a\",\"email\":{\"to\":[\"a@b\"]},\"quiet\":{\"from\":\"22:00\",\"to\":\"06:00\",\"tz\":\"Mars\"}}");
        assertRefused(409, "name_taken", "{\"name\":\"kept\",\"email\":{\"to\":[\"a@b\"]}}");
        assertEquals(200, call("DELETE", "/alert-channels/" + channel, "").statusCode());
        assertEquals(404, api.get("/alert-channels/" + channel).statusCode());
        assertEquals("unknown_channel", contract.error(call("POST", "/alert-channels/" + channel + "/test", "{}"), 404).path("code").asText());
    }

    @Test
    void webhooksThatNeverAnswerDelayNoOther() {
        try (WebhookReceiver hanging = new WebhookReceiver(); WebhookReceiver receiver = new WebhookReceiver()) {
            addRule("hanging", "critical");
            hanging.beSilent();
            long channel = 0;
            for (int i = 0; i < 12; i++) {
                channel = addChannel("hanging-" + i, webhook(hanging, "hanging"));
            }
            addChannel("working", webhook(receiver, "hanging"));
            send("hanging-1", 8);
            await(() -> assertEquals(List.of("fired hanging-1"), receiver.events()));
            long last = channel;
            await(() -> assertTrue(status(last).path("error").asText().matches("timed out: .* did not respond"), () -> status(last).toString()));
            send("hanging-2", 8);
            Awaitility.await().atMost(Duration.ofSeconds(3)).until(() -> receiver.events().contains("fired hanging-2"));
            for (JsonNode each : contract.valid(api.get("/alert-channels"), "AlertChannels").path("data")) {
                if (each.path("name").asText().startsWith("hanging-")) {
                    assertEquals(200, call("DELETE", "/alert-channels/" + each.path("id").asLong(), "").statusCode());
                }
            }
        }
    }

    @Test
    void aRouteOfOnesOwnWhoseServerNeverAnswersHoldsNoThread() throws Exception {
        try (WebhookReceiver hanging = new WebhookReceiver()) {
            hanging.beSilent();
            pipeline.camel().addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:notify-hanging-chat").errorHandler(noErrorHandler()).removeHeaders("*").setBody(simple("${variable.message.text()}")).to(hanging.url());
                }
            });
            long channel = addChannel("chat", "\"route\":{\"name\":\"hanging-chat\"},\"sensors\":[\"chat-*\"]");
            test(channel);
            await(() -> assertEquals("timed out: the server did not respond", status(channel).path("test").path("error").asText()));
            assertEquals(200, call("DELETE", "/alert-channels/" + channel, "").statusCode());
        }
    }

    @Test
    void routesOfOnesOwnThatNeverEndDelayNoOther() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        Set<Thread> held = ConcurrentHashMap.newKeySet();
        pipeline.camel().addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:notify-endless").errorHandler(noErrorHandler()).process(exchange -> {
                    held.add(Thread.currentThread());
                    awaitUninterruptibly(end);
                });
            }
        });
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            addRule("endless", "critical");
            List<Long> endless = IntStream.range(0, 5).mapToObj(i -> addChannel("endless-" + i, "\"route\":{\"name\":\"endless\"},\"sensors\":[\"endless-*\"]")).toList();
            addChannel("beside", webhook(receiver, "endless"));
            send("endless-1", 8);
            await(() -> assertEquals(5, held.size()));
            Awaitility.await().atMost(Duration.ofSeconds(3)).until(() -> receiver.events().contains("fired endless-1"));
            Awaitility.await().atMost(Duration.ofSeconds(45)).untilAsserted(() -> {
                for (long channel : endless) {
                    assertTrue(status(channel).path("error").asText().contains("still hangs in an earlier attempt"), () -> status(channel).toString());
                }
            });
            assertEquals(5, held.size(), "a channel holds one thread, however often it is tried");
            send("endless-2", 8);
            Awaitility.await().atMost(Duration.ofSeconds(3)).until(() -> receiver.events().contains("fired endless-2"));
            end.countDown();
            for (long channel : endless) {
                assertEquals(200, call("DELETE", "/alert-channels/" + channel, "").statusCode());
            }
        } finally {
            end.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean isOver = false;
        while (!isOver) {
            try {
                latch.await();
                isOver = true;
            } catch (InterruptedException e) {
                // Such is the route.
            }
        }
    }

    @Test
    void aChannelThatFailsIsLoggedOnceAndSoIsItsRecovery() {
        try (WebhookReceiver receiver = new WebhookReceiver(); Logged logged = new Logged("sensorpipeline.alerts.Notifications")) {
            addRule("logged", "critical");
            long channel = addChannel("logged", webhook(receiver, "logged"));
            receiver.answer(503);
            send("logged-1", 8);
            await(() -> assertTrue(receiver.messages().size() >= 3));
            receiver.answer(204);
            await(() -> assertTrue(status(channel).path("failing_since").isNull() && receiver.events().contains("fired logged-1")));
            send("logged-1", 1);
            await(() -> assertTrue(receiver.events().contains("cleared logged-1")));
            String server = receiver.url().replaceAll("http://|/alerts", "");
            await(() -> assertEquals(List.of("WARN Channel 'logged' of tenant default fails to deliver messages about alerts, which are retried: " + server + " answered 503 Service Unavailable",
                    "INFO Channel 'logged' of tenant default delivers messages about alerts again"), logged.messages().stream().filter(message -> message.contains("'logged'")).toList()));
        }
    }

    @Test
    void aFallbackStaysOneHoweverChannelsAreChanged() {
        String mail = "\"email\":{\"to\":[\"a@example.org\"]},\"sensors\":[\"none-*\"]";
        long first = addChannel("first", mail);
        long second = addChannel("second", mail + ",\"fallback_for\":[\"first\"]");
        assertEquals("invalid_fallback_for", contract.error(call("PUT", "/alert-channels/" + first, "{\"name\":\"first\",%s,\"fallback_for\":[\"second\"]}".formatted(mail)), 400).path("code").asText());
        accepted("PUT", "/alert-channels/" + first, "{\"name\":\"renamed\",%s}".formatted(mail), "SavedAlertChannel");
        String read = contract.valid(api.get("/alert-channels/" + second), "SavedAlertChannel").path("data").toString();
        assertEquals("renamed", accepted("PUT", "/alert-channels/" + second, read, "SavedAlertChannel").path("fallback_for").path(0).asText());
        assertEquals("channel_needed", contract.error(call("DELETE", "/alert-channels/" + first, ""), 409).path("code").asText());
        assertEquals(200, call("DELETE", "/alert-channels/" + second, "").statusCode());
        assertEquals(200, call("DELETE", "/alert-channels/" + first, "").statusCode());
    }

    @Test
    void noErrorTellsASecret() {
        for (String secret : List.of("\"my-secret\"", "\"my-secret-with-a-line-feed\\n\"", "[\"my-secret\"]", "{\"my-secret\":1}")) {
            HttpResponse<String> answer = call("POST", "/alert-channels", "{\"name\":\"a\",\"webhook\":{\"url\":\"http://x/\",\"secret\":%s}}".formatted(secret));
            assertEquals(400, answer.statusCode());
            assertFalse(answer.body().contains("my-secret"), answer.body());
        }
        assertFalse(call("POST", "/alert-channels", "{\"name\":\"a\",\"webhook\":\"my-secret\"}").body().contains("my-secret"));
        assertFalse(call("POST", "/alert-channels", "{\"name\":\"a\",\"webhook\":{\"url\":\"http://u:my-secret@x/\",\"secret\":\"0123456789abcdef\"}}").body().contains("my-secret"));
    }

    private static void assertRefused(int status, String code, String body) {
        assertEquals(code, contract.error(call("POST", "/alert-channels", body), status).path("code").asText());
    }
}
