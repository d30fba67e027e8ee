package sensorpipeline.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static sensorpipeline.support.Readings.json;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.kafka.KafkaClients;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Devices that send in transactions: what is committed is stored, what is aborted never is, and neither leaves a lag behind. */
class TransactionsTest {

    /** One partition, so that records of a transaction and others share it. */
    private static final Settings SETTINGS = Servers.settings().with("kafka.partitions", 1);
    private static final String TOPIC = SETTINGS.text("topic.name");
    private static final String TIME = "2025-01-15T10:30:00Z";
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Readings DEVICES = new Readings(SETTINGS);
    private static final Database DATABASE = new Database(SETTINGS);
    private static Http api;
    private KafkaProducer<byte[], byte[]> transactional;

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
        DEVICES.close();
    }

    @BeforeEach
    void begin() {
        DEVICES.awaitDone();
        DATABASE.empty();
        Map<String, Object> properties = KafkaClients.properties(SETTINGS);
        properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, UUID.randomUUID().toString());
        transactional = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        transactional.initTransactions();
        transactional.beginTransaction();
    }

    @AfterEach
    void end() {
        transactional.close(Duration.ZERO);
    }

    private void send(String... sensors) {
        for (String sensor : sensors) {
            transactional.send(new ProducerRecord<>(TOPIC, json(sensor, TIME, 1).getBytes(UTF_8)));
        }
        transactional.flush();
    }

    /** Waits until the committed offset is the end of the partition, markers included, and the health check agrees. */
    private static void awaitNoLag() {
        DEVICES.awaitDone();
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() ->
                assertEquals(0, Http.json(api.get("/health")).path("checks").path("store").path("lag").asInt(-1)));
    }

    private static String sensors() {
        return DATABASE.ask("SELECT string_agg(sensor_id, ' ' ORDER BY sensor_id) FROM readings");
    }

    @Test
    void aCommittedTransactionIsStoredAndLeavesNoLagBehind() {
        send("a", "b");
        transactional.commitTransaction();
        DATABASE.awaitReadings(2);
        awaitNoLag();
        assertEquals("a b", sensors());
    }

    @Test
    void anAbortedTransactionIsNeverStoredAndLeavesNoLagBehind() {
        send("aborted", "aborted-too");
        transactional.abortTransaction();
        awaitNoLag();
        DEVICES.send(json("after", TIME, 1));
        DATABASE.awaitReadings(1);
        assertEquals("after", sensors());
    }

    @Test
    void whatATransactionHasNotCommittedYetDoesNotCountAsLag() {
        DEVICES.send(json("before", TIME, 1));
        send("open");
        DATABASE.awaitReadings(1);
        Awaitility.await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertEquals(0, Http.json(api.get("/health")).path("checks").path("store").path("lag").asInt(-1));
            assertEquals("before", sensors());
        });
        transactional.commitTransaction();
        DATABASE.awaitReadings(2);
        awaitNoLag();
    }

    @Test
    void readingsOfOthersBetweenCommittedAndAbortedTransactionsAreAllStored() {
        for (int round = 0; round < 20; round++) {
            send("transaction-" + round);
            DEVICES.send(json("other-" + round, TIME, 1));
            if (round % 2 == 0) {
                transactional.commitTransaction();
            } else {
                transactional.abortTransaction();
            }
            transactional.beginTransaction();
        }
        DATABASE.awaitReadings(30);
        awaitNoLag();
        List<String> stored = List.of(sensors().split(" "));
        for (int round = 0; round < 20; round++) {
            assertEquals(true, stored.contains("other-" + round), "other-" + round);
            assertEquals(round % 2 == 0, stored.contains("transaction-" + round), "transaction-" + round);
        }
    }
}
