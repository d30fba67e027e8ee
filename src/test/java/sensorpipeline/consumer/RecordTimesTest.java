package sensorpipeline.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static sensorpipeline.support.Readings.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
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

/** A topic that keeps its producers' times: whatever these are, the time of receipt is right, and what is made of it. */
class RecordTimesTest {

    private static final Settings SETTINGS = Servers.settings().with("rollup.interval", 500);
    private static final String TOPIC = SETTINGS.text("topic.name");
    /** 0, none, and what neither Java nor PostgreSQL has as a date. */
    private static final List<Long> TIMES = List.of(0L, -1L, 1L, Instant.parse("2099-01-01T00:00:00Z").toEpochMilli(), Long.MAX_VALUE);
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Readings DEVICES = new Readings(SETTINGS);
    private static final Database DATABASE = new Database(SETTINGS);
    private static final Instant START = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private static Http api;

    @BeforeAll
    static void start() throws Exception {
        try (Admin admin = Topics.admin(SETTINGS, Duration.ofSeconds(10))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1)
                    .configs(Map.of("message.timestamp.type", "CreateTime", "message.timestamp.after.max.ms", String.valueOf(Long.MAX_VALUE))))).all().get();
        }
        PIPELINE.start();
        api = new Http(PIPELINE.port("api.port"));
    }

    @AfterAll
    static void stop() {
        PIPELINE.close();
        DEVICES.close();
    }

    @BeforeEach
    void empty() {
        DEVICES.awaitDone();
        DATABASE.empty();
        DATABASE.run("TRUNCATE dead_letter");
    }

    /** Kafka's own class takes no time below 0, but the protocol does. */
    private static ProducerRecord<byte[], byte[]> record(long time, String value) {
        return new ProducerRecord<>(TOPIC, value.getBytes(UTF_8)) {
            @Override
            public Long timestamp() {
                return time;
            }
        };
    }

    /** One reading of each time, and one dead letter. */
    private static List<ProducerRecord<byte[], byte[]>> records() {
        return IntStream.range(0, TIMES.size() * 2).mapToObj(i -> record(TIMES.get(i / 2), i % 2 == 0 ? json("time-" + i / 2, START.toString(), 1) : "bad")).toList();
    }

    @Test
    void readingsAreReceivedWhenTheStoreReadsThem() {
        DEVICES.sendRecords(records());
        DATABASE.awaitReadings(TIMES.size());
        assertEquals("0", DATABASE.ask("SELECT count(*) FROM readings WHERE received_at NOT BETWEEN '" + START + "' AND now()"));
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            JsonNode sensors = Http.json(api.get("/sensors?limit=100&status=online")).path("data");
            assertEquals(TIMES.size(), sensors.size(), sensors::toString);
            assertEquals(Set.of("[]"), StreamSupport.stream(sensors.spliterator(), false).map(sensor -> sensor.path("odd").toString()).collect(Collectors.toSet()));
        });
    }

    @Test
    void deadLettersAreReceivedThenAndAreWrittenOnceHoweverOftenTheyAreDelivered() throws Exception {
        DEVICES.sendRecords(records());
        DATABASE.awaitReadings(TIMES.size());
        DEVICES.awaitDone();
        assertEquals(TIMES.size() + " 0", DATABASE.ask("SELECT count(*) || ' ' || count(*) FILTER (WHERE received_at NOT BETWEEN '" + START + "' AND now()) FROM dead_letter"));
        String letters = DATABASE.ask("SELECT array_agg(dead_letter) FROM dead_letter");
        PIPELINE.camel().getRouteController().stopRoute("store-readings");
        try (Admin admin = Topics.admin(SETTINGS, Duration.ofSeconds(10))) {
            Awaitility.await().ignoreExceptions().until(() -> {
                admin.alterConsumerGroupOffsets(SETTINGS.text("store.group"), Map.of(new TopicPartition(TOPIC, 0), new OffsetAndMetadata(0))).all().get();
                return true;
            });
        }
        // Of another test they may be again.
        DATABASE.run("TRUNCATE batch, reading");
        PIPELINE.camel().getRouteController().startRoute("store-readings");
        DEVICES.awaitDone();
        assertEquals(letters, DATABASE.ask("SELECT array_agg(d) FROM dead_letter AS d WHERE id IN (SELECT id FROM dead_letter ORDER BY id LIMIT %d)".formatted(TIMES.size())));
        assertEquals("0", DATABASE.ask("SELECT count(*) - count(DISTINCT \"offset\") FROM dead_letter"));
    }

    @Test
    void theAgeOfWhatWaitsIsThatOfTheWait() throws Exception {
        Http management = new Http(PIPELINE.port("management.port"));
        DEVICES.sendRecords(List.of(record(0, json("waits", START.toString(), 1))));
        DATABASE.awaitReadings(1);
        try (Connection connection = Servers.connect(SETTINGS); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE reading IN EXCLUSIVE MODE");
            DEVICES.sendRecords(List.of(record(0, json("waits", START.plusSeconds(1).toString(), 1))));
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                double age = gauge(management, "sensor_pipeline_store_oldest_age_seconds");
                assertTrue(age > 1 && age < 60, "age " + age);
            });
        }
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertEquals(0, gauge(management, "sensor_pipeline_store_oldest_age_seconds")));
    }

    private static double gauge(Http management, String name) {
        return management.get("/observe/metrics").body().lines().filter(line -> line.startsWith(name + " ")).mapToDouble(line -> Double.parseDouble(line.split(" ")[1])).findFirst().orElseThrow();
    }

    @Test
    void theLogNamesSuchATopicOnce() throws Exception {
        String topic = TOPIC + ".others";
        try (Admin admin = Topics.admin(SETTINGS, Duration.ofSeconds(10)); Warnings warnings = new Warnings()) {
            admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1).configs(Map.of("message.timestamp.type", "CreateTime")))).all().get();
            for (int partition = 0; partition < 2; partition++) {
                DEVICES.sendRecords(List.of(new ProducerRecord<>(topic, partition, null, json("p" + partition, START.toString(), 1).getBytes(UTF_8))));
                DATABASE.awaitReadings(partition + 1);
            }
            // Not those of Kafka's clients, which may meet the topic before its partitions have leaders.
            List<String> told = warnings.messages().stream().filter(message -> message.startsWith("sensorpipeline.") && message.contains(topic)).toList();
            assertEquals(1, told.size(), told::toString);
            assertTrue(told.get(0).contains("message.timestamp.type=LogAppendTime"), told::toString);
        }
    }
}
