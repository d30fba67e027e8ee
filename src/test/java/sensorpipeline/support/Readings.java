package sensorpipeline.support;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import sensorpipeline.kafka.KafkaClients;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;

/** Sends records like a device, and reads dead letters, with plain Kafka clients. */
public final class Readings implements AutoCloseable {

    private final Settings settings;
    private final KafkaProducer<byte[], byte[]> producer;

    /** @param settings with brokers and topic */
    public Readings(Settings settings) {
        this.settings = settings;
        this.producer = new KafkaProducer<>(properties(Map.of(
                ProducerConfig.ACKS_CONFIG, "all",
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG, "2000000",
                // Where the leader of a new partition refuses the first batch and takes the second, the first one is refused for good.
                ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1",
                ProducerConfig.LINGER_MS_CONFIG, "5")), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private Map<String, Object> properties(Map<String, Object> own) {
        Map<String, Object> properties = KafkaClients.properties(settings);
        properties.putAll(own);
        return properties;
    }

    /** @return the JSON of a reading with a temperature */
    public static String json(String sensorId, String timestamp, double temperature) {
        return "{\"sensor_id\":\"%s\",\"location\":\"hall\",\"temperature\":%s,\"timestamp\":\"%s\"}"
                .formatted(sensorId, temperature, timestamp);
    }

    /** Sends records to the topic of tenant "default", and waits until Kafka has acknowledged them. */
    public void send(String... values) {
        sendTo(settings.text("topic.name"), List.of(values));
    }

    /** Sends records to a topic, and waits until Kafka has acknowledged them. */
    public void sendTo(String topic, List<String> values) {
        sendRecords(values.stream()
                .map(value -> new ProducerRecord<byte[], byte[]>(topic, null, value.getBytes(StandardCharsets.UTF_8))).toList());
    }

    /** Sends records of one partition, in this order, and waits until the store has processed all records in Kafka. */
    public void storeInOrder(String topic, String... values) {
        sendRecords(Arrays.stream(values).map(value -> new ProducerRecord<byte[], byte[]>(topic, 0, null, value.getBytes(StandardCharsets.UTF_8))).toList());
        awaitDone();
    }

    /** Sends records, and waits until Kafka has acknowledged them. */
    public void sendRecords(List<ProducerRecord<byte[], byte[]>> records) {
        List<Future<?>> sent = new ArrayList<>();
        records.forEach(record -> sent.add(producer.send(record)));
        for (Future<?> one : sent) {
            try {
                one.get();
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Waits until the store has processed all records in Kafka. */
    public void awaitDone() {
        try (Admin admin = Topics.admin(settings, Duration.ofSeconds(10))) {
            Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> {
                Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>(
                        admin.listConsumerGroupOffsets(settings.text("store.group")).partitionsToOffsetAndMetadata().get());
                String topic = settings.text("topic.name");
                admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions()
                        .forEach(partition -> done.putIfAbsent(new TopicPartition(topic, partition.partition()), new OffsetAndMetadata(0)));
                Map<TopicPartition, OffsetSpec> partitions = new HashMap<>();
                done.keySet().forEach(partition -> partitions.put(partition, OffsetSpec.latest()));
                return admin.listOffsets(partitions).all().get().entrySet().stream()
                        .allMatch(end -> done.get(end.getKey()).offset() >= end.getValue().offset());
            });
        }
    }

    /** @return all dead letters, in topic order */
    public List<ConsumerRecord<byte[], byte[]>> deadLetters() {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties(Map.of(
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, "20000000")), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(settings.text("topic.name") + "-dlq", 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            List<ConsumerRecord<byte[], byte[]>> letters = new ArrayList<>();
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(letters::add);
            }
            return letters;
        }
    }

    /** @return the text of a header of a dead letter */
    public static String header(ConsumerRecord<byte[], byte[]> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        producer.close();
    }
}
