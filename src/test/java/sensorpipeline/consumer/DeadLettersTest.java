package sensorpipeline.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static sensorpipeline.support.Readings.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Invalid records, on real servers: they are kept unchanged, listed and replayed. */
class DeadLettersTest {

    private static final Settings SETTINGS = Servers.settings().with("replay.interval", 100);
    private static final String TOPIC = SETTINGS.text("topic.name");
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Readings DEVICES = new Readings(SETTINGS);
    private static final Database DATABASE = new Database(SETTINGS);
    private static Http api;
    private static Contract contract;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
        contract = new Contract(api);
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
        DEVICES.close();
    }

    @BeforeEach
    void empty() {
        // Replays of the previous test may not be done yet.
        Awaitility.await().until(() -> DATABASE.ask("SELECT count(*) FROM dead_letter WHERE status = 'replaying'").equals("0"));
        DEVICES.awaitDone();
        DATABASE.run("TRUNCATE batch, reading, dead_letter RESTART IDENTITY");
    }

    private static ProducerRecord<byte[], byte[]> record(String key, byte[] value) {
        return new ProducerRecord<>(TOPIC, 0, key == null ? null : key.getBytes(UTF_8), value);
    }

    private static void sendBad(int count, String key) {
        DEVICES.sendRecords(IntStream.range(0, count).mapToObj(i -> record(key, ("bad " + i).getBytes(UTF_8))).toList());
    }

    private static void awaitLetters(int count) {
        try (Database.Session session = DATABASE.session()) {
            Awaitility.await(count + " dead letters").atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(50)).until(() -> {
                int letters = letters(session);
                assertTrue(letters <= count, letters + " dead letters");
                return letters == count;
            });
        }
    }

    private static int letters() {
        try (Database.Session session = DATABASE.session()) {
            return letters(session);
        }
    }

    private static int letters(Database.Session session) {
        return Integer.parseInt(session.ask("SELECT count(*) FROM dead_letter"));
    }

    private static JsonNode list(String query) {
        return contract.valid(api.get("/dead-letters" + query), "DeadLetters");
    }

    private static JsonNode letter(long id) {
        return contract.valid(api.get("/dead-letters/" + id), "DeadLetterInFull").path("data");
    }

    private static List<Integer> ids(JsonNode page) {
        List<Integer> ids = new ArrayList<>();
        page.path("data").forEach(item -> ids.add(item.path("id").asInt()));
        return ids;
    }

    private static JsonNode replay(String json) {
        HttpResponse<String> answer = api.post("/dead-letters/replay", json);
        assertEquals(202, answer.statusCode(), answer.body());
        return contract.valid(answer, "Replay");
    }

    private static JsonNode discard(String json) {
        HttpResponse<String> answer = api.post("/dead-letters/discard", json);
        assertEquals(200, answer.statusCode(), answer.body());
        return contract.valid(answer, "Discarded");
    }

    private static String numbersOnPipeline(Http caller) {
        JsonNode numbers = Http.json(caller.get("/pipeline")).path("data").path("dead_letters");
        return "%d %d %d".formatted(numbers.path("waiting").asInt(), numbers.path("replaying").asInt(), numbers.path("replayed").asInt());
    }

    /** Inserts dead letters with a reason, faster than devices could cause them. */
    private static void insert(String reason, int count) {
        DATABASE.run("""
                INSERT INTO dead_letter (tenant, topic, "partition", "offset", received_at, record_time, refused_at, reason, key, value, headers)
                SELECT 'default', 'many', 0, coalesce((SELECT max(id) FROM dead_letter), 0) + n, now(), 0, now() - interval '1 day' + n * interval '1 millisecond', '%s', 'key', 'value', '[]'
                FROM generate_series(1, %d) AS n""".formatted(reason, count));
    }

    private static void assertCountsEqualARecount() {
        assertEquals(DATABASE.ask("SELECT string_agg(concat_ws(' ', tenant, status, letters), ', ' ORDER BY tenant, status) FROM (SELECT tenant, status, count(*) AS letters FROM dead_letter GROUP BY 1, 2) AS counted"),
                DATABASE.ask("SELECT string_agg(concat_ws(' ', tenant, status, letters), ', ' ORDER BY tenant, status) FROM dead_letter_count WHERE letters <> 0"));
    }

    private static void awaitReplayed(int count) {
        Awaitility.await(count + " replayed").until(() -> DATABASE.ask("SELECT count(*) FROM dead_letter WHERE status = 'replayed'").equals("" + count));
    }

    @Test
    void aDeadLetterIsListedAndInspectedAsItCame() {
        ProducerRecord<byte[], byte[]> record = record("Münster Süd", "<b>no</b>\n\u0001 JSON".getBytes(UTF_8));
        record.headers().add("trace", "ä".getBytes(UTF_8)).add("twice", new byte[] {(byte) 0xff}).add("twice", null).add("", new byte[0]);
        Instant before = Instant.now().minusMillis(1);
        DEVICES.sendRecords(List.of(record));
        awaitLetters(1);
        JsonNode item = list("").path("data").get(0);
        assertEquals(TOPIC, item.path("topic").asText());
        assertEquals("Münster Süd", item.path("key").asText());
        assertEquals(16, item.path("size").asInt());
        assertEquals("<b>no</b>\n\u0001 JSON", item.path("preview").asText());
        assertEquals("waiting", item.path("status").asText());
        assertTrue(item.path("reason").asText().startsWith("not valid JSON in UTF-8"), item.toString());
        for (String time : List.of("time", "received_at")) {
            Instant at = Instant.parse(item.path(time).asText());
            assertTrue(at.isAfter(before) && at.isBefore(Instant.now()), item.toString());
        }
        JsonNode full = letter(item.path("id").asLong());
        assertEquals("<b>no</b>\n\u0001 JSON", full.path("value").asText());
        assertArrayEquals(record.value(), Base64.getDecoder().decode(full.path("value_base64").asText()));
        assertEquals("[{\"name\":\"trace\",\"value\":\"ä\",\"value_base64\":\"w6Q=\"},{\"name\":\"twice\",\"value\":null,\"value_base64\":\"/w==\"},"
                + "{\"name\":\"twice\",\"value\":null,\"value_base64\":null},{\"name\":\"\",\"value\":\"\",\"value_base64\":\"\"}]",
                full.path("headers").toString());
        item.properties().forEach(field -> assertEquals(field.getValue(), full.path(field.getKey())));
    }

    @Test
    void hostileKeysHeadersAndBytesAreKeptAsTheyCame() {
        byte[] noise = new byte[200_000];
        new Random(1).nextBytes(noise);
        List<byte[]> values = new ArrayList<>(List.of(new byte[0], new byte[] {0}, new byte[] {(byte) 0xff, 0, '\\', '\''}, noise,
                "€".repeat(100).getBytes(UTF_8), ("x" + "€".repeat(300)).getBytes(UTF_8), "'; DROP TABLE dead_letter; --".getBytes(UTF_8)));
        values.add(null);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (byte[] value : values) {
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(TOPIC, 0, value, value);
            record.headers().add("NUL \u0000 \uffff '\"\\", value).add("dead-letter-headers", noise).add("dead-letter-id", value)
                    .add("kafka.OVERRIDE_TOPIC", "elsewhere".getBytes(UTF_8)).add("h".repeat(10_000), null);
            records.add(record);
        }
        DEVICES.sendRecords(records);
        awaitLetters(values.size());
        List<Integer> ids = ids(list(""));
        Collections.reverse(ids);
        for (int i = 0; i < values.size(); i++) {
            JsonNode letter = letter(ids.get(i));
            byte[] value = values.get(i);
            assertEquals(value == null ? null : Base64.getEncoder().encodeToString(value), letter.path("value_base64").textValue());
            String key = letter.path("key").textValue();
            assertArrayEquals(value, key != null ? key.getBytes(UTF_8)
                    : letter.path("key_base64").isNull() ? null : Base64.getDecoder().decode(letter.path("key_base64").asText()));
            assertEquals("NUL \u2400 \uffff '\"\\", letter.path("headers").get(0).path("name").asText());
            assertEquals(5, letter.path("headers").size());
            assertEquals(letter.path("value_base64"), letter.path("headers").get(0).path("value_base64"));
            assertTrue(letter.path("preview").asText().length() <= 800);
        }
        assertEquals("x" + "€".repeat(66), letter(ids.get(5)).path("preview").asText());
        assertEquals("\\377\\000\\\\'", letter(ids.get(2)).path("preview").asText());
    }

    @Test
    void aRedeliveredBatchWritesItsDeadLettersOnce() throws Exception {
        String group = SETTINGS.text("store.group");
        try (Admin admin = Topics.admin(SETTINGS, Duration.ofSeconds(10))) {
            sendBad(1, "start");
            awaitLetters(1);
            long next = letter(1).path("offset").asLong() + 1;
            Map<TopicPartition, OffsetAndMetadata> start = Awaitility.await().until(
                    () -> admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get(),
                    offsets -> offsets.get(new TopicPartition(TOPIC, 0)) != null && offsets.get(new TopicPartition(TOPIC, 0)).offset() == next);
            sendBad(2500, "again");
            DEVICES.sendRecords(List.of(record(null, json("neighbour", "2025-01-15T10:30:00Z", 1).getBytes(UTF_8))));
            awaitLetters(2501);
            DATABASE.awaitReadings(1);
            PIPELINE.camel().getRouteController().stopRoute("store-readings");
            Awaitility.await().ignoreExceptions().until(() -> {
                admin.alterConsumerGroupOffsets(group, start).all().get();
                return true;
            });
        }
        DATABASE.run("TRUNCATE batch, reading");
        PIPELINE.camel().getRouteController().startRoute("store-readings");
        DATABASE.awaitReadings(1);
        sendBad(1, "end");
        Awaitility.await().until(() -> list("?key=end").path("count").asInt() == 1);
        assertEquals("2500", DATABASE.ask("SELECT count(*) FROM dead_letter WHERE key = 'again'"));
    }

    @Test
    void withoutItsTableADeadLetterWaitsAndSoDoItsOffsets() throws Exception {
        int before = DEVICES.deadLetters().size();
        DATABASE.run("ALTER TABLE dead_letter RENAME TO elsewhere");
        try {
            sendBad(1, "patient");
            awaitRetries();
        } finally {
            DATABASE.run("ALTER TABLE elsewhere RENAME TO dead_letter");
        }
        awaitLetters(1);
        assertEquals(before + 1, DEVICES.deadLetters().size(), "attempts do not fill the topic");
        assertEquals("patient", letter(1).path("key").asText());
    }

    @Test
    void aDeadLetterThatPostgresqlRefusesHoldsBackNoOther() {
        DATABASE.run("ALTER TABLE dead_letter ADD CONSTRAINT refused CHECK (value <> 'bad 3')");
        try {
            sendBad(10, "bisected");
            DEVICES.send(json("neighbour", "2025-01-15T10:30:00Z", 1));
            awaitLetters(9);
            DATABASE.awaitReadings(1);
            assertEquals("0", DATABASE.ask("SELECT count(*) FROM dead_letter WHERE value = 'bad 3'"));
        } finally {
            DATABASE.run("ALTER TABLE dead_letter DROP CONSTRAINT refused");
        }
    }

    @Test
    void whenPostgresqlRefusesEveryDeadLetterTheyAndTheirNeighboursWaitUntilItIsMended() {
        int before = DEVICES.deadLetters().size();
        DATABASE.run("ALTER TABLE dead_letter ADD CONSTRAINT refused CHECK (reason = '')");
        try {
            sendBad(3, "waiting");
            awaitRetries();
        } finally {
            DATABASE.run("ALTER TABLE dead_letter DROP CONSTRAINT refused");
        }
        awaitLetters(3);
        assertEquals(before + 3, DEVICES.deadLetters().size(), "attempts do not fill the topic");
    }

    /** Each attempt is rolled back. */
    private static void awaitRetries() {
        String rollbacks = "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()";
        long before = Long.parseLong(DATABASE.ask(rollbacks));
        Awaitility.await("retries").atMost(Duration.ofMinutes(1)).until(() -> Long.parseLong(DATABASE.ask(rollbacks)) > before + 3);
    }

    /** Makes PostgreSQL reject valid readings, waits until they are dead letters, and repairs PostgreSQL. */
    private static void refuse(List<String> readings) {
        DATABASE.run("ALTER TABLE reading ADD CONSTRAINT fault CHECK (values[1] <= 0)");
        try {
            int before = letters();
            DEVICES.sendTo(TOPIC, readings);
            awaitLetters(before + readings.size());
        } finally {
            DATABASE.run("ALTER TABLE reading DROP CONSTRAINT fault");
        }
    }

    @Test
    void aReplayedDeadLetterIsStoredOnceAndReplayingAgainChangesNothing() {
        refuse(List.of(json("a", "2025-01-15T10:30:00Z", 1), json("a", "2025-01-15T10:30:01Z", 2), json("a", "2025-01-15T10:30:02Z", 3)));
        JsonNode first = replay("{\"ids\": [1, 2, 2]}");
        assertEquals(2, first.path("replayed").asInt());
        DATABASE.awaitReadings(2);
        awaitReplayed(2);
        JsonNode second = replay("{\"ids\": [1, 2, 3]}");
        assertEquals(1, second.path("replayed").asInt());
        assertEquals(2, second.path("skipped").path("already_replayed").asInt());
        DATABASE.awaitReadings(3);
        awaitReplayed(3);
        JsonNode third = replay("{\"from\": \"2000-01-01T00:00:00Z\"}");
        assertEquals(0, third.path("replayed").asInt());
        assertEquals(3, third.path("skipped").path("already_replayed").asInt());
        assertEquals("3", DATABASE.ask("SELECT sum(replays) FROM dead_letter"));
        assertEquals("3", DATABASE.ask("SELECT sum(records) FROM batch"));
        JsonNode letter = letter(1);
        assertTrue(Instant.parse(letter.path("replayed_at").asText()).isAfter(Instant.now().minusSeconds(60)));
        assertEquals("", letter.path("failed_again").toString().replaceAll("[\\[\\]]", ""));
    }

    @Test
    void aLetterThatWasSentButNotNotedIsSentAgainAndStoredOnce() {
        refuse(List.of(json("a", "2025-01-15T10:30:00Z", 1)));
        replay("{\"ids\": [1]}");
        DATABASE.awaitReadings(1);
        awaitReplayed(1);
        DATABASE.run("UPDATE dead_letter SET status = 'replaying', leased_until = now() + interval '1 second', replays = 0");
        awaitReplayed(1);
        Awaitility.await().until(() -> DATABASE.ask("SELECT sum(records) FROM batch").equals("2"));
        assertEquals(1, DATABASE.readings());
    }

    @Test
    void aReplayThatFailsAgainIsLinkedToItsFirstFailure() {
        ProducerRecord<byte[], byte[]> record = record("key", new byte[] {1, 2, (byte) 0xff});
        record.headers().add("twice", "1".getBytes(UTF_8)).add("none", null).add("twice", "2".getBytes(UTF_8)).add("CamelTrick", "x".getBytes(UTF_8))
                .add("dead-letter-id", "77".getBytes(UTF_8));
        DEVICES.sendRecords(List.of(record));
        awaitLetters(1);
        replay("{\"ids\": [1]}");
        awaitLetters(2);
        replay("{\"ids\": [2]}");
        awaitLetters(3);
        awaitReplayed(2);
        for (long id = 2; id <= 3; id++) {
            JsonNode again = letter(id);
            assertEquals(1, again.path("replay_of").asInt());
            assertEquals("key", again.path("key").asText());
            assertEquals("AQL/", again.path("value_base64").asText());
            assertEquals("[twice, none, twice, CamelTrick, dead-letter-id, dead-letter-id]", again.path("headers").findValuesAsText("name").toString());
            assertEquals("[1, null, 2, x, 77, 1]", again.path("headers").findValuesAsText("value").toString());
        }
        assertTrue(letter(1).path("replay_of").isNull());
        assertEquals("[2,3]", letter(1).path("failed_again").toString());
        assertEquals("[3]", letter(2).path("failed_again").toString());
        assertEquals("waiting", letter(3).path("status").asText());
    }

    @Test
    void theSameRequestDoesNotGoRoundForEver() {
        sendBad(3, "round");
        awaitLetters(3);
        assertEquals(3, replay("{\"reason\": \"NOT VALID json\"}").path("replayed").asInt());
        awaitLetters(6);
        awaitReplayed(3);
        JsonNode again = replay("{\"reason\": \"NOT VALID json\"}");
        assertEquals("{\"replayed\":0,\"skipped\":{\"already_replayed\":3,\"failed_again\":3},\"remaining\":0,\"next\":null}",
                again.toString().replace("\"status\":\"success\",", ""));
        assertEquals(1, replay("{\"reason\": \"not valid\", \"again\": true, \"limit\": 1}").path("replayed").asInt());
        awaitLetters(7);
        assertEquals("1", DATABASE.ask("SELECT replay_of FROM dead_letter WHERE id = (SELECT max(id) FROM dead_letter)"));
    }

    @Test
    void replaysByReasonAndTimeUpToALimitTheOldestFirst() {
        sendBad(5, "many");
        DEVICES.sendRecords(List.of(record("tombstone", null)));
        awaitLetters(6);
        String middle = letter(4).path("time").asText();
        DATABASE.run("UPDATE dead_letter SET refused_at = refused_at + id * interval '1 hour'");
        middle = Instant.parse(middle).plus(Duration.ofHours(4)).toString();
        assertEquals(0, replay("{\"reason\": \"expired\"}").path("replayed").asInt());
        JsonNode one = replay("{\"to\": \"" + middle + "\", \"limit\": 2}");
        assertEquals(2, one.path("replayed").asInt());
        assertEquals(1, one.path("remaining").asInt());
        awaitReplayed(2);
        assertEquals("1,2", DATABASE.ask("SELECT string_agg(id::text, ',' ORDER BY id) FROM dead_letter WHERE status = 'replayed'"));
        assertEquals(1, replay("{\"reason\": \"no value\", \"from\": \"" + middle + "\"}").path("replayed").asInt());
        awaitReplayed(3);
        awaitLetters(9);
        assertEquals("6", DATABASE.ask("SELECT replay_of FROM dead_letter WHERE key = 'tombstone' AND id > 6"));
    }

    @Test
    void twoWhoAskAtTheSameTimeReplayOnce() {
        refuse(IntStream.range(0, 200).mapToObj(i -> json("a", Instant.parse("2025-01-15T10:30:00Z").plusSeconds(i).toString(), i + 1)).toList());
        List<JsonNode> answers = IntStream.range(0, 4).parallel().mapToObj(i -> replay("{\"from\": \"2000-01-01T00:00:00Z\"}")).toList();
        assertEquals(200, answers.stream().mapToInt(answer -> answer.path("replayed").asInt()).sum(), answers::toString);
        assertTrue(answers.stream().allMatch(answer -> answer.path("replayed").asInt() + answer.path("skipped").path("already_replayed").asInt() == 200), answers::toString);
        DATABASE.awaitReadings(200);
        awaitReplayed(200);
        Awaitility.await().during(Duration.ofSeconds(1)).until(() -> DATABASE.ask("SELECT sum(records) FROM batch").equals("200"));
    }

    @Test
    void aDeadLetterThatKafkaRefusesWaitsAgainAndSaysWhy() throws Exception {
        byte[] noise = new byte[5000];
        new Random(2).nextBytes(noise);
        DEVICES.sendRecords(List.of(record("large", noise), record("small", "bad".getBytes(UTF_8))));
        awaitLetters(2);
        try (Admin admin = Topics.admin(SETTINGS, Duration.ofSeconds(10))) {
            ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
            ConfigEntry limit = new ConfigEntry("max.message.bytes", "2000");
            admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(limit, AlterConfigOp.OpType.SET)))).all().get();
            try {
                assertEquals(2, replay("{\"ids\": [1, 2]}").path("replayed").asInt());
                awaitReplayed(1);
                Awaitility.await().until(() -> letter(1).path("status").asText().equals("waiting"));
            } finally {
                admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(limit, AlterConfigOp.OpType.DELETE)))).all().get();
            }
        }
        assertTrue(letter(1).path("replay_error").asText().startsWith("Kafka refuses it: "), letter(1).toString());
        assertEquals("replayed", letter(2).path("status").asText());
        assertEquals(1, replay("{\"ids\": [1]}").path("replayed").asInt());
        awaitReplayed(2);
        assertTrue(letter(1).path("replay_error").isNull());
        awaitLetters(4);
    }

    @Test
    void aDeviceCannotLinkItsRecordToAFailureOfAnother() {
        DEVICES.sendRecords(List.of(record("k", "first".getBytes(UTF_8))));
        awaitLetters(1);
        List<ProducerRecord<byte[], byte[]>> forged = new ArrayList<>();
        forged.add(record("k", "other bytes".getBytes(UTF_8)));
        forged.add(record("other key", "first".getBytes(UTF_8)));
        forged.add(new ProducerRecord<>(TOPIC + ".acme", 0, "k".getBytes(UTF_8), "first".getBytes(UTF_8)));
        forged.forEach(record -> record.headers().add("dead-letter-id", "1".getBytes(UTF_8)));
        for (String id : List.of("2", "-1", "0", "1e0", " 1", "99999999999999999999", "1; DROP TABLE dead_letter", "", "\u0000")) {
            ProducerRecord<byte[], byte[]> record = record("k", "first".getBytes(UTF_8));
            record.headers().add("dead-letter-id", id.getBytes(UTF_8));
            forged.add(record);
        }
        DEVICES.sendRecords(forged);
        awaitLetters(1 + forged.size());
        assertEquals("0", DATABASE.ask("SELECT count(replay_of) FROM dead_letter"));
    }

    @Test
    void tenantsDoNotSeeEachOthersDeadLetters() throws Exception {
        DEVICES.sendTo(TOPIC + ".acme", List.of("secret"));
        sendBad(1, "own");
        awaitLetters(2);
        long secret = Long.parseLong(DATABASE.ask("SELECT id FROM dead_letter WHERE tenant = 'acme'"));
        long own = Long.parseLong(DATABASE.ask("SELECT id FROM dead_letter WHERE tenant = 'default'"));
        assertEquals(List.of((int) own), ids(list("")));
        assertEquals("unknown_dead_letter", contract.error(api.get("/dead-letters/" + secret), 404).path("code").asText());
        JsonNode error = contract.error(api.post("/dead-letters/replay", "{\"ids\": [%d, %d]}".formatted(own, secret)), 404);
        assertEquals("There is no dead letter " + secret, error.path("message").asText());
        assertEquals("2", DATABASE.ask("SELECT count(*) FROM dead_letter WHERE status = 'waiting'"), "none is replayed");
        assertEquals(1, replay("{\"from\": \"2000-01-01T00:00:00Z\"}").path("replayed").asInt());
        awaitReplayed(1);
        awaitLetters(3);
        assertEquals("waiting", DATABASE.ask("SELECT status FROM dead_letter WHERE tenant = 'acme'"));
        assertEquals(2, discard("{\"from\": \"2000-01-01T00:00:00Z\"}").path("discarded").asInt());
        assertEquals("acme", DATABASE.ask("SELECT string_agg(tenant, ',') FROM dead_letter"));
        assertEquals("0 0 0", numbersOnPipeline(api));
        try (Pipeline acme = new Pipeline(SETTINGS.with("api.tenant", "acme"), Set.of(Services.API))) {
            acme.start();
            Http caller = new Http(acme.port("api.port"));
            assertEquals(List.of((int) secret), ids(contract.valid(caller.get("/dead-letters"), "DeadLetters")));
            assertEquals(404, caller.get("/dead-letters/" + own).statusCode());
            assertEquals("1 0 0", numbersOnPipeline(caller));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"UPDATE dead_letter SET reason = 'none'", "UPDATE dead_letter SET tenant = 'acme'", "UPDATE dead_letter SET status = 'replayed'",
        "UPDATE dead_letter_count SET letters = 0", "INSERT INTO dead_letter (tenant) VALUES ('default')", "UPDATE reading SET at = now()", "TRUNCATE dead_letter"})
    void whoReplaysAndDiscardsCanChangeNothingElse(String statement) {
        sendBad(1, "own");
        awaitLetters(1);
        String asOperator = "SET ROLE sensor_pipeline_operator; SET pipeline.tenant = 'default'; ";
        assertThrows(IllegalStateException.class, () -> DATABASE.run(asOperator + statement));
        DATABASE.run("SET ROLE sensor_pipeline_operator; SET pipeline.tenant = 'acme'; UPDATE dead_letter SET status = 'replaying'");
        assertEquals("waiting", DATABASE.ask("SELECT status FROM dead_letter"));
    }

    @Test
    void discardsTheLettersThatMatchAllFiltersAndTheTopicKeepsThem() {
        int onTopic = DEVICES.deadLetters().size();
        sendBad(4, "bad");
        DEVICES.sendRecords(List.of(record("tombstone", null), record("other", "bad".getBytes(UTF_8))));
        awaitLetters(6);
        double ever = PIPELINE.camel().getRegistry().lookupByNameAndType("storeFigures", StoreFigures.class).deadLetters();
        DATABASE.run("UPDATE dead_letter SET refused_at = '2025-01-01T00:00:00Z'::timestamptz + id * interval '1 day', status = CASE id WHEN 3 THEN 'replayed' ELSE 'waiting' END");
        String bad = "{\"reason\": \"NOT VALID\", \"key\": \"bad\", \"status\": \"waiting\", \"from\": \"2025-01-03T00:00:00Z\", \"to\": \"2025-01-06T00:00:00Z\"";
        assertEquals("{\"status\":\"success\",\"discarded\":2,\"replaying\":0,\"next\":null}", discard(bad + ", \"dry_run\": true}").toString());
        assertEquals(6, letters(), "a dry run only counts");
        assertEquals(2, discard(bad + "}").path("discarded").asInt());
        assertEquals(List.of(6, 5, 3, 1), ids(list("")));
        assertEquals(0, discard(bad + "}").path("discarded").asInt());
        assertEquals("unknown_dead_letter", contract.error(api.get("/dead-letters/2"), 404).path("code").asText());
        assertEquals("3 0 1", numbersOnPipeline(api));
        assertEquals(1, discard("{\"status\": \"replayed\"}").path("discarded").asInt());
        assertEquals(1, discard("{\"key\": \"tombstone\"}").path("discarded").asInt());
        assertEquals(List.of(6, 1), ids(list("")));
        assertEquals(onTopic + 6, DEVICES.deadLetters().size());
        assertEquals(ever, PIPELINE.camel().getRegistry().lookupByNameAndType("storeFigures", StoreFigures.class).deadLetters(), "were made all the same");
    }

    @Test
    void aLetterThatIsBeingReplayedIsNotDiscarded() {
        sendBad(3, "bad");
        awaitLetters(3);
        DATABASE.run("UPDATE dead_letter SET status = 'replaying', leased_until = now() + interval '1 second' WHERE id = 2");
        JsonNode first = discard("{\"reason\": \"not valid\"}");
        assertEquals("2 1", first.path("discarded").asInt() + " " + first.path("replaying").asInt(), first::toString);
        awaitReplayed(1);
        awaitLetters(2);
        assertEquals(2, letter(4).path("replay_of").asInt());
        assertEquals(1, discard("{\"status\": \"replayed\"}").path("discarded").asInt());
        assertEquals(2, letter(4).path("replay_of").asInt(), "stays a failed replay, which the same request does not replay");
        assertEquals(1, replay("{\"reason\": \"not valid\"}").path("skipped").path("failed_again").asInt());
        assertEquals(1, replay("{\"ids\": [4]}").path("replayed").asInt());
        awaitLetters(2);
    }

    @Test
    void ofAReplayADiscardAndAnExpiryAtTheSameTimeEachLetterGetsOne() throws Exception {
        insert("several at a time", 3000);
        DATABASE.run("UPDATE dead_letter SET topic = '" + TOPIC + "'");
        String filter = "{\"reason\": \"several at a time\"";
        // What has been replayed may be discarded: so nothing is before all have begun.
        PIPELINE.camel().getRouteController().stopRoute("replay-dead-letters");
        List<Integer> taken = IntStream.range(0, 6).parallel().mapToObj(i -> switch (i % 3) {
            case 0 -> replay(filter + ", \"limit\": 200}").path("replayed").asInt();
            case 1 -> discard(filter + "}").path("discarded").asInt();
            default -> Integer.parseInt(DATABASE.ask("SELECT delete_expired_dead_letters('1 hour', 500)"));
        }).toList();
        PIPELINE.camel().getRouteController().startRoute("replay-dead-letters");
        int replayed = taken.get(0) + taken.get(3);
        awaitReplayed(replayed);
        assertEquals(3000, taken.stream().mapToInt(i -> i).sum(), taken::toString);
        awaitLetters(2 * replayed);
        assertCountsEqualARecount();
    }

    @Test
    void aSearchForAReasonEndsAPageAfterABoundedNumberOfLettersAndTheNextPageGoesOn() {
        insert("rare", 1);
        insert("flood", 100_000);
        JsonNode page = list("?reason=rare");
        assertEquals(0, page.path("count").asInt());
        page = list("?reason=rare&cursor=" + page.path("next").asText());
        assertEquals(List.of(1), ids(page));
        assertTrue(page.path("next").isNull(), page::toString);
        page = list("?reason=flood&limit=2");
        assertEquals(List.of(100_001, 100_000), ids(page));
        assertFalse(page.path("next").isNull());
        assertEquals("{\"status\":\"success\",\"replayed\":0,\"skipped\":{\"already_replayed\":0,\"failed_again\":0},\"remaining\":0,\"next\":null}",
                replay("{\"reason\": \"rare\", \"cursor\": \"" + page.path("next").asText() + "\"}").toString(), "all are newer");
        assertEquals(1, discard("{\"reason\": \"rare\"}").path("discarded").asInt(), "searches them all");
        insert("last", 1);
        DATABASE.run("UPDATE dead_letter SET topic = '" + TOPIC + "', refused_at = now() WHERE reason = 'last'");
        JsonNode none = replay("{\"reason\": \"last\"}");
        assertEquals(0, none.path("replayed").asInt());
        assertEquals(1, replay("{\"reason\": \"last\", \"cursor\": \"" + none.path("next").asText() + "\"}").path("replayed").asInt());
        awaitReplayed(1);
        awaitLetters(100_002);
    }

    @Test
    void theNumbersEqualARecountWhileManyChangeThem() {
        IntStream.range(0, 8).parallel().forEach(i -> {
            String topic = "topic" + i;
            for (int round = 0; round < 20; round++) {
                DATABASE.run("""
                        INSERT INTO dead_letter (tenant, topic, "partition", "offset", received_at, record_time, refused_at, reason, headers)
                        SELECT CASE mod(n, 2) WHEN 0 THEN 'default' ELSE 'acme' END, '%s', %d, n, now(), 0, now(), 'many', '[]' FROM generate_series(1, 50) AS n""".formatted(topic, round));
                DATABASE.run("UPDATE dead_letter SET status = CASE status WHEN 'waiting' THEN 'replayed' ELSE 'waiting' END WHERE topic = '%s' AND mod(\"offset\", 3) = %d".formatted(topic, round % 3));
                DATABASE.run("DELETE FROM dead_letter WHERE topic = '%s' AND \"offset\" = 7".formatted(topic));
            }
        });
        assertEquals("7840", DATABASE.ask("SELECT count(*) FROM dead_letter"));
        assertCountsEqualARecount();
        String numbers = numbersOnPipeline(api);
        assertEquals(DATABASE.ask("SELECT concat_ws(' ', count(*) FILTER (WHERE status = 'waiting'), 0, count(*) FILTER (WHERE status = 'replayed')) FROM dead_letter WHERE tenant = 'default'"), numbers);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{} | missing_field | give at least one of reason, key, status, from, to",
        "{\"dry_run\": true} | missing_field | give at least one of reason, key, status, from, to",
        "{\"ids\": [1]} | unknown_field | fields are reason, key, status, from, to, dry_run, cursor; got 'ids'",
        "{\"status\": \"replaying\"} | invalid_status | status must be one of waiting, replayed; got 'replaying'",
        "{\"reason\": \"\"} | invalid_reason | reason must be text of 1 to 200 characters without control characters; got ''",
        "{\"key\": \"k\", \"dry_run\": \"yes\"} | invalid_dry_run | dry_run must be true or false; got '\"yes\"'",
        "{\"key\": \"k\", \"cursor\": \"5\"} | invalid_cursor | cursor must be `next` of the response before; got '5'",
    })
    void aWrongDiscardIsToldWithWhatIsAllowed(String body, String code, String message) {
        sendBad(1, "stays");
        awaitLetters(1);
        JsonNode error = contract.error(api.post("/dead-letters/discard", body), 400);
        assertEquals(code, error.path("code").asText(), error.toString());
        assertTrue(error.path("message").asText().startsWith(message), error.toString());
        assertEquals(1, letters());
    }

    @Test
    void whoDiscardsReachesOnlyLettersOfItsTenantThatAreNotBeingReplayed() {
        insert("own", 3);
        DATABASE.run("UPDATE dead_letter SET status = 'replaying', leased_until = now() + interval '1 minute' WHERE id = 1");
        DATABASE.run("UPDATE dead_letter SET tenant = 'acme' WHERE id = 2");
        DATABASE.run("SET ROLE sensor_pipeline_administrator; SET pipeline.tenant = 'default'; DELETE FROM dead_letter");
        assertEquals("1,2", DATABASE.ask("SELECT string_agg(id::text, ',' ORDER BY id) FROM dead_letter"));
        DATABASE.run("UPDATE dead_letter SET status = 'waiting', leased_until = NULL");
        assertThrows(IllegalStateException.class, () -> DATABASE.run("SET ROLE sensor_pipeline_operator; SET pipeline.tenant = 'default'; DELETE FROM dead_letter"));
    }

    @Test
    void pagesHaveNoGapsAndNoRepeatsWhileLettersArrive() {
        sendBad(23, "first");
        awaitLetters(23);
        List<Integer> seen = new ArrayList<>();
        String cursor = "";
        int sent = 23;
        do {
            JsonNode page = list("?limit=5" + cursor);
            seen.addAll(ids(page));
            cursor = page.path("next").isNull() ? "" : "&cursor=" + page.path("next").asText();
            sendBad(3, "later");
            sent += 3;
            awaitLetters(sent);
        } while (!cursor.isEmpty());
        assertEquals(IntStream.rangeClosed(1, 23).mapToObj(i -> 24 - i).toList(), seen);
        assertTrue(list("?limit=" + sent).path("next").isNull());
        assertEquals(0, list("?cursor=1_1").path("count").asInt());
    }

    @Test
    void filtersByReasonKeyStatusAndTime() {
        sendBad(2, "Münster Süd");
        DEVICES.sendRecords(List.of(record("other", null), record(null, new byte[0]), record("%", json("x", "1999-01-01T00:00:00Z", 1).getBytes(UTF_8))));
        awaitLetters(5);
        DATABASE.run("UPDATE dead_letter SET refused_at = '2025-01-01T00:00:00Z'::timestamptz + id * interval '1 day'");
        assertEquals(List.of(2, 1), ids(list("?reason=VALID%20json")));
        assertEquals(List.of(5), ids(list("?reason=before%20the%20year")));
        assertEquals(List.of(), ids(list("?reason=%25")));
        assertEquals(List.of(2, 1), ids(list("?key=M%C3%BCnster%20S%C3%BCd")));
        assertEquals(List.of(5), ids(list("?key=%25")));
        assertEquals(List.of(3, 2), ids(list("?from=2025-01-03T00:00:00Z&to=2025-01-05T00:00:00Z")));
        assertEquals(List.of(5, 4, 3, 2, 1), ids(list("?status=waiting&reason=&key=")));
        assertEquals(List.of(), ids(list("?status=replayed")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "?limit=0 | invalid_limit | limit must be a whole number from 1 to 1000; got '0'",
        "?cursor=17 | invalid_cursor | cursor must be `next` of the page before; got '17'",
        "?cursor=1_9223372036854775808 | invalid_cursor | cursor must be `next` of the page before; got '1_9223372036854775808'",
        "?status=lost | invalid_status | status must be one of waiting, replaying, replayed; got 'lost'",
        "?reason=%00 | invalid_reason | reason must be text of at most 200 characters without control characters; got '?'",
        "?from=yesterday | invalid_from | from must be a time such as 2025-01-15T10:30:00Z, or a time ago such as -24h or -7d; got 'yesterday'",
        "?from=2025-01-02T00:00:00Z&to=2025-01-01T00:00:00Z | invalid_range | from must be before to",
        "?id=1 | unknown_parameter | parameters are limit, cursor, reason, key, status, from, to, tenant; got 'id'",
        "/abc | invalid_id | id must be a whole number from 1 to 9223372036854775807; got 'abc'",
        "/0 | invalid_id | id must be a whole number from 1 to 9223372036854775807; got '0'",
        "/-1 | invalid_id | id must be a whole number from 1 to 9223372036854775807; got '-1'",
        "/1?id=2 | unknown_parameter | parameters are tenant; got 'id'",
    })
    void aWrongParameterIsToldWithWhatIsAllowed(String path, String code, String message) {
        JsonNode error = contract.error(api.get("/dead-letters" + path), 400);
        assertEquals(code, error.path("code").asText());
        assertTrue(error.path("message").asText().startsWith(message), error.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{} | missing_field | give at least one of ids, reason, from, to",
        "{\"limit\": 5} | missing_field | give at least one of ids, reason, from, to",
        "{\"id\": [1]} | unknown_field | fields are ids, reason, from, to, limit, again, cursor; got 'id'",
        "{\"ids\": []} | invalid_ids | ids must be an array of 1 to 1000 whole numbers; got 0 elements",
        "{\"ids\": 1} | invalid_ids | ids must be an array of 1 to 1000 whole numbers; got '1'",
        "{\"ids\": [\"1\"]} | invalid_ids | ids must be a whole number from 1 to 9223372036854775807; got '\"1\"'",
        "{\"ids\": [1.0]} | invalid_ids | ids must be a whole number from 1 to",
        "{\"ids\": [1e9]} | invalid_ids | ids must be a whole number from 1 to",
        "{\"ids\": [null]} | invalid_ids | ids must be a whole number from 1 to",
        "{\"ids\": [9223372036854775808]} | invalid_ids | ids must be a whole number from 1 to",
        "{\"ids\": null} | invalid_ids | ids must be an array",
        "{\"reason\": \"\"} | invalid_reason | reason must be text of 1 to 200 characters without control characters; got ''",
        "{\"reason\": \"\\u0000\"} | invalid_reason | reason must be text of 1 to 200",
        "{\"reason\": \"\\ud800\"} | invalid_reason | reason must be text of 1 to 200",
        "{\"reason\": 5} | invalid_reason | reason must be text; got '5'",
        "{\"reason\": null} | invalid_reason | reason must be text; got 'null'",
        "{\"from\": \"soon\"} | invalid_from | from must be a time such as",
        "{\"from\": \"2025-01-02T00:00:00Z\", \"to\": \"2025-01-01T00:00:00Z\"} | invalid_range | from must be before to",
        "{\"ids\": [1], \"limit\": 0} | invalid_limit | limit must be a whole number from 1 to 10000; got '0'",
        "{\"ids\": [1], \"limit\": \"5\"} | invalid_limit | limit must be a whole number from 1 to 10000",
        "{\"ids\": [1], \"again\": \"yes\"} | invalid_again | again must be true or false; got '\"yes\"'",
        "{\"ids\": [1], \"ids\": [2]} | invalid_body | the body is not valid JSON: Duplicate field 'ids'",
        "{\"ids\": [1]} x | invalid_body | the body is not valid JSON",
        "[1] | invalid_body | the body must be a JSON object such as {\"name\": \"value\"}; got '[1]'",
        "{\"ids\": [NaN]} | invalid_body | the body is not valid JSON: Non-standard token 'NaN'",
        "nonsense | invalid_body | the body is not valid JSON",
        "`` | invalid_body | the body must be a JSON object such as {\"name\": \"value\"}; got nothing",
    })
    void aWrongBodyIsToldWithWhatIsAllowed(String body, String code, String message) {
        JsonNode error = contract.error(api.post("/dead-letters/replay", body), 400);
        assertEquals(code, error.path("code").asText(), error.toString());
        assertTrue(error.path("message").asText().startsWith(message), error.toString());
    }

    @Test
    void bodiesThatAreNoJsonOrTooLargeAreToldSo() {
        String body = "{\"from\": \"2000-01-01T00:00:00Z\"}";
        for (String type : List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp")) {
            JsonNode error = contract.error(api.call("POST", "/dead-letters/replay", BodyPublishers.ofString(body), "Content-Type", type), 415);
            assertTrue(error.path("message").asText().contains("Content-Type: application/json"), error.toString());
        }
        assertEquals(415, api.call("POST", "/dead-letters/replay", BodyPublishers.ofString(body)).statusCode());
        assertEquals(202, api.call("POST", "/dead-letters/replay", BodyPublishers.ofString(body), "Content-Type", "Application/JSON; charset=utf-8").statusCode());
        assertEquals("body_too_large", contract.error(api.post("/dead-letters/replay", " ".repeat(1_100_000)), 413).path("code").asText());
    }

    @Test
    void pagesOfOtherSitesCannotReplay() {
        sendBad(1, "safe");
        awaitLetters(1);
        String body = "{\"ids\": [1]}";
        String origin = "https://elsewhere.example";
        HttpResponse<String> preflight = api.call("OPTIONS", "/dead-letters/replay", "Origin", origin,
                "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type");
        assertFalse(preflight.headers().firstValue("access-control-allow-methods").orElse("").contains("POST"));
        // What a browser sends without a CORS preflight: no content type, or a simple one.
        for (String path : List.of("", "?Content-Type=application/json", "?CamelJdbcParameters=x")) {
            assertTrue(api.call("POST", "/dead-letters/replay" + path, BodyPublishers.ofString(body), "Origin", origin).statusCode() >= 400);
            assertTrue(api.call("POST", "/dead-letters/replay" + path, BodyPublishers.ofString(body), "Origin", origin, "Content-Type", "text/plain").statusCode() >= 400);
        }
        assertEquals("waiting", letter(1).path("status").asText());
    }

    @ParameterizedTest
    @CsvSource({"/dead-letters,GET HEAD OPTIONS", "/dead-letters/1,GET HEAD OPTIONS", "/dead-letters/replay,OPTIONS POST", "/dead-letters/discard,OPTIONS POST"})
    void eachPathSaysWhatItAllows(String path, String methods) {
        sendBad(1, "there");
        awaitLetters(1);
        Set<String> allowed = Set.of(methods.split(" "));
        assertEquals(204, api.call("OPTIONS", path).statusCode());
        for (String method : List.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")) {
            HttpResponse<String> answer = api.call(method, path);
            assertEquals(allowed.contains(method), answer.statusCode() != 405, method + " " + answer.statusCode());
            if (answer.statusCode() == 405) {
                assertEquals(allowed, new TreeSet<>(List.of(answer.headers().firstValue("allow").orElse("").split(", "))));
            }
        }
        assertEquals(404, api.get("/dead-letters/1/2").statusCode());
    }

    @Test
    void theTopicGetsTheVeryRecordAgain() {
        ProducerRecord<byte[], byte[]> record = record(null, null);
        record.headers().add("b", null).add("a", new byte[] {0}).add("b", new byte[0]);
        DEVICES.sendRecords(List.of(record));
        awaitLetters(1);
        replay("{\"ids\": [1]}");
        awaitLetters(2);
        // The dead letter of the replayed record shows what was on the topic.
        ConsumerRecord<byte[], byte[]> again = DEVICES.deadLetters().get(DEVICES.deadLetters().size() - 1);
        assertNull(again.value());
        assertNull(again.key());
        assertEquals("[[\"b\",null],[\"a\",\"AA==\"],[\"b\",\"\"],[\"dead-letter-id\",\"MQ==\"]]", Readings.header(again, "dead-letter-headers"));
        Set<String> names = Arrays.stream(again.headers().toArray()).map(Header::key).collect(Collectors.toSet());
        assertTrue(names.contains("dead-letter-reason"), names::toString);
    }
}
