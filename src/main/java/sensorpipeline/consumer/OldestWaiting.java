package sensorpipeline.consumer;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import sensorpipeline.kafka.KafkaClients;
import sensorpipeline.kafka.PolledRecords;
import sensorpipeline.settings.Settings;

/** Reads the first record of each partition that is not stored yet, without a consumer group. Not thread-safe. */
final class OldestWaiting implements AutoCloseable {

    private final KafkaConsumer<byte[], byte[]> consumer;

    /** @param settings {@code kafka.*} */
    OldestWaiting(Settings settings) {
        Map<String, Object> properties = KafkaClients.properties(settings);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        // The broker returns one record batch regardless of this limit; more is not needed.
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, "1");
        properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, "1");
        consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * @param waiting offset of the first record not stored yet, for each partition that has one
     * @param seen since when it is known to wait, for records whose topic keeps its producers' times, which can be any number
     * @param limit maximum time to look
     * @return when Kafka received the oldest of each topic, for those of which a record arrived within the limit
     */
    Map<String, Instant> since(Map<TopicPartition, Long> waiting, Map<TopicPartition, Instant> seen, Duration limit) {
        Map<TopicPartition, Long> missing = new HashMap<>(waiting);
        consumer.assign(waiting.keySet());
        // Partitions that the last call paused would stay paused.
        consumer.resume(waiting.keySet());
        waiting.forEach(consumer::seek);
        Map<String, Instant> oldest = new HashMap<>();
        long end = System.nanoTime() + limit.toNanos();
        while (!missing.isEmpty() && System.nanoTime() < end) {
            ConsumerRecords<byte[], byte[]> polled = consumer.poll(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
            for (TopicPartition partition : polled.partitions()) {
                if (missing.remove(partition) != null) {
                    Instant received = PolledRecords.receivedByKafka(polled.records(partition).get(0)).orElse(seen.get(partition));
                    oldest.merge(partition.topic(), received, (one, other) -> one.isBefore(other) ? one : other);
                }
            }
            consumer.pause(waiting.keySet().stream().filter(partition -> !missing.containsKey(partition)).toList());
        }
        return oldest;
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
}
