package sensorpipeline.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static sensorpipeline.support.Readings.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Contract;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Records that Kafka deletes before they are stored, as after the retention of their topic: they are reported until someone acknowledges them. */
class LostRecordsTest {

    private static final Settings SETTINGS = Servers.settings().with("kafka.partitions", 1).with("store.batch.readings", 100);
    private static final String TOPIC = SETTINGS.text("topic.name");
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final Instant START = Instant.parse("2025-01-15T10:30:00Z");
    private static final Readings DEVICES = new Readings(SETTINGS);
    private static final Database DATABASE = new Database(SETTINGS);
    private static final Admin ADMIN = Topics.admin(SETTINGS, Duration.ofSeconds(20));

    @BeforeAll
    static void create() throws Exception {
        new Topics(SETTINGS).create();
    }

    @AfterAll
    static void stop() {
        DEVICES.close();
        ADMIN.close();
    }

    private static Pipeline start() throws Exception {
        Pipeline pipeline = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
        pipeline.start();
        return pipeline;
    }

    private static void send(String sensor, int count) {
        DEVICES.sendTo(TOPIC, IntStream.range(0, count).mapToObj(i -> json(sensor, START.plusMillis(i).toString(), i)).toList());
    }

    private static long end() throws Exception {
        return ADMIN.listOffsets(Map.of(PARTITION, OffsetSpec.latest())).all().get().get(PARTITION).offset();
    }

    private static void deleteBefore(long offset) throws Exception {
        ADMIN.deleteRecords(Map.of(PARTITION, RecordsToDelete.beforeOffset(offset))).all().get();
    }

    private static JsonNode check(Http api) {
        return Http.json(api.get("/health")).path("checks").path("lost-records");
    }

    private static void awaitStatus(Http api, String status) {
        Awaitility.await("lost-records is " + status).atMost(Duration.ofSeconds(30)).until(() -> check(api).path("status").asText().equals(status));
    }

    private static void acknowledge(Contract contract, Http api, long id) {
        assertEquals(1, contract.valid(api.post("/lost-records/acknowledge", "{\"through\": %d}".formatted(id)), "Acknowledged").path("acknowledged").asInt());
        awaitStatus(api, "up");
        assertEquals(0, contract.valid(api.post("/lost-records/acknowledge", "{\"through\": %d}".formatted(id)), "Acknowledged").path("acknowledged").asInt());
    }

    @Test
    void whatKafkaDeletedWhileTheConsumerWasDownIsReportedUntilItIsAcknowledged() throws Exception {
        long stored;
        try (Pipeline pipeline = start()) {
            send("before", 10);
            DEVICES.awaitDone();
            awaitStatus(new Http(pipeline.port("api.port")), "up");
            stored = end();
        }
        send("lost", 1000);
        long kept = end();
        send("after", 10);
        deleteBefore(kept);
        try (Pipeline pipeline = start()) {
            Http api = new Http(pipeline.port("api.port"));
            Contract contract = new Contract(api);
            awaitStatus(api, "down");
            String message = check(api).path("message").asText();
            assertTrue(message.startsWith("Kafka deleted up to 1,000 records before they were stored: %s/0, offsets %d to %d, noticed at ".formatted(TOPIC, stored, kept - 1)), message);
            assertEquals(200, api.get("/health/ready").statusCode(), "it can serve");
            assertEquals(1000, contract.valid(api.get("/pipeline"), "PipelineState").path("data").path("lost_records").path("most_records").asInt());
            JsonNode lost = contract.valid(api.get("/lost-records?acknowledged=false"), "LostRecords");
            assertEquals(1, lost.path("count").asInt());
            acknowledge(contract, api, lost.path("data").get(0).path("id").asLong());
            assertEquals(0, contract.valid(api.get("/lost-records?acknowledged=false"), "LostRecords").path("count").asInt());
            DEVICES.awaitDone();
            assertEquals("10", DATABASE.ask("SELECT count(*) FROM readings WHERE sensor_id = 'after'"));
        }
    }

    @Test
    void whatKafkaDeletesAheadOfARunningConsumerIsReported() throws Exception {
        try (Pipeline pipeline = start()) {
            // Each batch takes a second, so that most records wait in Kafka.
            DATABASE.run("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NEW; END'");
            DATABASE.run("CREATE TRIGGER slow BEFORE INSERT ON batch FOR EACH ROW EXECUTE FUNCTION slow()");
            long first = end();
            for (int i = 0; i < 20; i++) {
                send("fast-" + i, 5000);
            }
            long kept = end() - 1000;
            deleteBefore(kept);
            DATABASE.run("DROP TRIGGER slow ON batch; DROP FUNCTION slow");
            DEVICES.awaitDone();
            Http api = new Http(pipeline.port("api.port"));
            Contract contract = new Contract(api);
            awaitStatus(api, "down");
            JsonNode lost = contract.valid(api.get("/lost-records?acknowledged=false"), "LostRecords").path("data").get(0);
            assertEquals(kept - 1, lost.path("last_offset").asLong());
            assertTrue(lost.path("first_offset").asLong() > first, "the first ones were stored");
            assertEquals("100000", DATABASE.ask("SELECT %d + count(*) FROM readings WHERE sensor_id LIKE 'fast-%%'".formatted(lost.path("most_records").asLong())));
            acknowledge(contract, api, lost.path("id").asLong());
        }
    }

    @Test
    void aConsumerThatStartsOnATopicWhoseFirstRecordsAreGoneLosesNothing() throws Exception {
        Settings later = SETTINGS.with("store.group", TOPIC + "-later");
        send("again", 10);
        deleteBefore(end() - 5);
        try (Pipeline pipeline = new Pipeline(later, Set.of(Services.CONSUMER))) {
            pipeline.start();
            Awaitility.await().until(() -> DATABASE.ask("SELECT count(*) FROM stored_position WHERE consumer_group = '%s' AND next_offset = %d".formatted(TOPIC + "-later", end())).equals("1"));
            assertEquals("0", DATABASE.ask("SELECT count(*) FROM lost_records WHERE acknowledged_at IS NULL"));
        }
    }
}
