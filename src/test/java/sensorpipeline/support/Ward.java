package sensorpipeline.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import sensorpipeline.contract.Parameters;
import sensorpipeline.kafka.KafkaClients;
import sensorpipeline.reading.EventTime;
import sensorpipeline.rules.AlertRule;
import sensorpipeline.rules.Evaluation;
import sensorpipeline.rules.Transition;
import sensorpipeline.settings.Settings;

/**
 * Sensors whose values breach the limits of rules again and again, and what alerts must come of that: an undisturbed evaluation of the same readings tells. Each reading is sent once Kafka has
 * acknowledged the one before.
 */
public final class Ward implements AutoCloseable {

    private static final int SENSORS = 20;
    private static final List<String> RULES = List.of(
            "{\"name\":\"high\",\"metric\":\"x\",\"severity\":\"critical\",\"above\":7}",
            "{\"name\":\"lasting\",\"metric\":\"x\",\"severity\":\"warning\",\"above\":5,\"clear_below\":3,\"for\":\"1s\"}",
            "{\"name\":\"levels\",\"metric\":\"x\",\"levels\":[{\"severity\":\"info\",\"below\":4},{\"severity\":\"critical\",\"below\":2}]}");

    private static final String TWICE = "SELECT count(*) FROM (SELECT FROM alert WHERE state = 'firing' GROUP BY rule_id, sensor_id HAVING count(*) > 1) AS twice";

    private record Sent(String sensor, long at, double value) {
    }

    private final Settings settings;
    private final Database database;
    private KafkaProducer<byte[], byte[]> producer;
    private final Random random = new Random(7);
    private final Map<String, Double> values = new HashMap<>();
    private final List<Sent> sent = new ArrayList<>();

    /** @param settings of the servers, bypassing proxies; the database has the schema */
    public Ward(Settings settings) {
        this.settings = settings;
        database = new Database(settings);
        producer = producer();
        for (String rule : RULES) {
            assertTrue(database.ask("SELECT set_config('pipeline.tenant', 'default', false)") != null);
            database.run("SET pipeline.tenant = 'default'; SELECT save_alert_rule(NULL, '%s', '%s')".formatted(rule.split("\"")[3], rule));
        }
    }

    private KafkaProducer<byte[], byte[]> producer() {
        Map<String, Object> properties = KafkaClients.properties(settings);
        properties.putAll(Map.of(ProducerConfig.ACKS_CONFIG, "all", ProducerConfig.MAX_BLOCK_MS_CONFIG, "120000"));
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Gives the topic more partitions, of which the present producer does not know. */
    public void raisePartitions(int count) {
        try (Admin admin = Admin.create(KafkaClients.properties(settings))) {
            admin.createPartitions(Map.of(settings.text("topic.name"), NewPartitions.increaseTo(count))).all().get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** From now on, a producer that knows all partitions sends. */
    public void renewProducer() {
        producer.close();
        producer = producer();
    }

    /** Sends readings of all sensors for a time. */
    public void send(Duration time) {
        Instant end = Instant.now().plus(time);
        while (Instant.now().isBefore(end)) {
            String sensor = "bed-" + random.nextInt(SENSORS);
            double value = values.merge(sensor, (double) random.nextInt(5) - 2, (before, step) -> Math.max(0, Math.min(10, before + step)));
            long at = EventTime.micros(Instant.now());
            String json = "{\"sensor_id\":\"%s\",\"x\":%s,\"timestamp\":\"%s\"}".formatted(sensor, value, EventTime.text(at));
            try {
                producer.send(new ProducerRecord<>(settings.text("topic.name"), sensor.getBytes(StandardCharsets.UTF_8), json.getBytes(StandardCharsets.UTF_8))).get();
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
            sent.add(new Sent(sensor, at, value));
        }
    }

    /** @return the kinds of transitions of each rule and sensor, in their order */
    private Map<String, List<String>> expected() {
        Map<String, List<String>> expected = new TreeMap<>();
        Parameters contract = new Parameters();
        for (String rule : RULES) {
            AlertRule parsed = AlertRule.of(contract.readObject("AlertRule", rule));
            Evaluation evaluation = new Evaluation(parsed);
            for (Sent reading : sent) {
                Transition transition = evaluation.read(reading.sensor, null, reading.at, reading.value);
                if (transition != null) {
                    expected.computeIfAbsent(parsed.name() + " " + reading.sensor, key -> new ArrayList<>())
                            .add(transition.kind().name().toLowerCase(Locale.ROOT) + " " + transition.severity().text() + " " + EventTime.text(transition.at()));
                }
            }
        }
        return expected;
    }

    /** @return the same as the topic of alerts has it, without repetitions */
    private Map<String, List<String>> published() {
        Map<String, String> transitions = new LinkedHashMap<>();
        records().forEach(record -> transitions.putIfAbsent(new String(record.key(), StandardCharsets.UTF_8) + header(record, "event-id"), told(record)));
        Map<String, List<String>> published = new TreeMap<>();
        transitions.values().forEach(told -> published.computeIfAbsent(told.split("\\|")[0], key -> new ArrayList<>()).add(told.split("\\|")[1]));
        return published;
    }

    private static String told(ConsumerRecord<byte[], byte[]> record) {
        try {
            var alert = new ObjectMapper().readTree(record.value());
            return alert.path("rule").asText() + " " + alert.path("sensor_id").asText() + "|" + header(record, "kind") + " " + alert.path("severity").asText() + " " + header(record, "at");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    /** @return all records of the topic of alerts */
    public List<ConsumerRecord<byte[], byte[]>> records() {
        Map<String, Object> properties = KafkaClients.properties(settings);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(settings.text("topic.name") + "-alerts", 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
            }
            return records;
        }
    }

    /** @return the number of transitions that must come of what was sent so far */
    public int transitions() {
        return expected().values().stream().mapToInt(List::size).sum();
    }

    /** Waits until the topic of alerts has all transitions, and no other. */
    public void awaitPublished() {
        Map<String, List<String>> expected = expected();
        assertTrue(transitions() > 20, "enough happened: " + transitions());
        Awaitility.await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> assertEquals(expected, published()));
    }

    /** Waits until the database has all of them once, and each alert as it is after the last one. */
    public void awaitStored() {
        awaitPublished();
        int expected = transitions();
        Awaitility.await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(200)).untilAsserted(() ->
                assertEquals(String.valueOf(expected), database.ask("SELECT count(*) FROM alert_event")));
        assertEquals("0", database.ask("""
                SELECT count(*) FROM alert JOIN LATERAL (SELECT kind, event.revision FROM alert_event AS event WHERE event.alert_id = alert.alert_id ORDER BY event.revision DESC LIMIT 1) AS last ON true
                WHERE alert.revision <> last.revision OR (alert.state = 'cleared') <> (last.kind = 'cleared')"""));
        assertEquals("0", database.ask(TWICE));
    }

    /** Waits until the database has all that was published, and nothing fires twice: no rule and sensor has more than one alert that fires. */
    public void awaitOneAlert() {
        Awaitility.await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> {
            assertEquals(String.valueOf(published().values().stream().mapToInt(List::size).sum()), database.ask("SELECT count(*) FROM alert_event"));
            assertEquals("0", database.ask(TWICE));
        });
    }

    @Override
    public void close() {
        producer.close();
    }
}
