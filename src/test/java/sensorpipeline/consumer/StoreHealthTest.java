package sensorpipeline.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;
import sensorpipeline.support.Warnings;

/** Guarantees of the store's health check. */
class StoreHealthTest {

    /** In different partitions. */
    private static final Instant STUCK = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofDays(10));
    private static final Instant MOVING = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofDays(5));

    @Test
    void onePartitionThatIsStuckIsUnhealthyAlthoughTheOthersMove() throws Exception {
        Settings settings = Servers.settings().with("health.progress.timeout", 1000).with("store.consumers", 2);
        String topic = settings.text("topic.name");
        Database database = new Database(settings);
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER)); Readings devices = new Readings(settings)) {
            pipeline.start();
            Http health = new Http(pipeline.port("management.port"));
            // The first consumer stores the first partition, the second one the last.
            devices.sendRecords(List.of(record(topic, 0, STUCK), record(topic, 2, MOVING)));
            database.awaitReadings(2);
            awaitTwoConsumers(settings);
            try (Connection connection = Servers.connect(settings); Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("LOCK TABLE " + database.ask("SELECT tableoid::regclass FROM reading WHERE at = '" + STUCK + "'") + " IN EXCLUSIVE MODE");
                devices.sendRecords(List.of(record(topic, 0, STUCK.plusSeconds(1))));
                Instant[] last = {MOVING};
                Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                    last[0] = last[0].plusMillis(1);
                    devices.sendRecords(List.of(record(topic, 2, last[0])));
                    String state = health.get("/health").body();
                    assertTrue(state.contains("1 records of partition " + topic + "-0 wait from offset 1 on"), state);
                });
                assertEquals(503, health.get("/health").statusCode());
                // The embedded broker keeps records for a week, and this one waits for some seconds.
                assertTrue(retentionUsed(health) > 1.0 / Duration.ofDays(7).toSeconds(), "Kafka will delete the record some day");
            }
            Awaitility.await().until(() -> health.get("/health").statusCode() == 200);
            Awaitility.await().until(() -> retentionUsed(health) == 0);
        }
    }

    @Test
    void itTellsWhyNothingIsStored() throws Exception {
        Settings settings = Servers.settings().with("health.progress.timeout", 1000);
        ConfigResource letters = new ConfigResource(ConfigResource.Type.TOPIC, new Topics(settings).deadLetters());
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER)); Readings devices = new Readings(settings);
                Admin admin = Topics.admin(settings, Duration.ofSeconds(10))) {
            pipeline.start();
            Http health = new Http(pipeline.port("management.port"));
            setCleanup(admin, letters, "compact");
            devices.sendRecords(List.of(new ProducerRecord<>(settings.text("topic.name"), "bad".getBytes(StandardCharsets.UTF_8))));
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> health.get("/health").body().contains("Compacted topic cannot accept message without key"));
            setCleanup(admin, letters, "delete");
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> health.get("/health").statusCode() == 200);
        }
    }

    private static void setCleanup(Admin admin, ConfigResource topic, String policy) throws Exception {
        admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(new ConfigEntry("cleanup.policy", policy), AlterConfigOp.OpType.SET)))).all().get();
    }

    @Test
    void aTopicThatOnlyLooksLikeThatOfATenantIsTold() throws Exception {
        Settings settings = Servers.settings();
        String topic = settings.text("topic.name") + ".Acme";
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER)); Admin admin = Topics.admin(settings, Duration.ofSeconds(10));
                Warnings warnings = new Warnings()) {
            pipeline.start();
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
            Http health = new Http(pipeline.port("management.port"));
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> health.get("/health").body().contains("\"ignored_topics\":[\"" + topic + "\"]"));
            assertEquals(200, health.get("/health").statusCode());
            assertEquals(1, warnings.messages().stream().filter(message -> message.contains("Nothing of topic " + topic + " is read")).count());
        }
    }

    private static double retentionUsed(Http health) {
        return health.get("/observe/metrics").body().lines().filter(line -> line.startsWith("sensor_pipeline_store_retention_used_ratio"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).findFirst().orElseThrow();
    }

    @Test
    void readingsThatAnOpenTransactionHoldsBackAreUnhealthyAndStoredOnceItEnds() throws Exception {
        Settings settings = Servers.settings().with("health.progress.timeout", 1000);
        String topic = settings.text("topic.name");
        Map<String, Object> transactional = Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, settings.text("kafka.bootstrap.servers"),
                ProducerConfig.TRANSACTIONAL_ID_CONFIG, topic);
        try (Pipeline pipeline = new Pipeline(settings, Set.of(Services.CONSUMER)); Readings devices = new Readings(settings);
                KafkaProducer<byte[], byte[]> other = new KafkaProducer<>(transactional, new ByteArraySerializer(), new ByteArraySerializer())) {
            pipeline.start();
            Http health = new Http(pipeline.port("management.port"));
            other.initTransactions();
            other.beginTransaction();
            other.send(record(topic, 1, STUCK)).get();
            devices.sendRecords(List.of(record(topic, 1, MOVING)));
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                String state = health.get("/health").body();
                assertTrue(state.contains("2 records of partition " + topic + "-1 from offset 0 on are held back by an open transaction"), state);
            });
            other.abortTransaction();
            new Database(settings).awaitReadings(1);
            Awaitility.await().until(() -> health.get("/health").statusCode() == 200);
        }
    }

    private static void awaitTwoConsumers(Settings settings) {
        String group = settings.text("store.group");
        try (Admin admin = Topics.admin(settings, Duration.ofSeconds(10))) {
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> admin.describeConsumerGroups(List.of(group)).all().get().get(group).members().stream()
                    .filter(member -> !member.assignment().topicPartitions().isEmpty()).count() == 2);
        }
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, int partition, Instant at) {
        return new ProducerRecord<>(topic, partition, null, Readings.json("s" + partition, at.toString(), 20).getBytes(StandardCharsets.UTF_8));
    }
}
