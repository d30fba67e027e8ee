package sensorpipeline.bench;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Publishes hostile records, and remembers where each is. Its topics must be new: their first offset is 0. */
final class FuzzSender {

    private static final int LARGEST_REQUEST = 16 * 1024 * 1024;

    private final PipelineSettings settings;
    private final FuzzRecords records;
    /** By topic and partition the numbers of the records, by offset. */
    private final Map<String, int[]> numbers = new HashMap<>();
    private Exception refusal;

    FuzzSender(PipelineSettings settings, FuzzRecords records) {
        this.settings = settings;
        this.records = records;
    }

    /**
     * Publishes the first records, and returns when Kafka has acknowledged them.
     *
     * @throws Failure if Kafka refused one
     */
    void send(int count) {
        Map<String, Object> client = settings.kafkaClient();
        client.putAll(Map.of(ProducerConfig.ACKS_CONFIG, "all", ProducerConfig.LINGER_MS_CONFIG, 20, ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024,
                // Kafka's limit of a record is one of compressed bytes; the parser's is not.
                ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd", ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_REQUEST));
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int number = 0; number < count; number++) {
                int sent = number;
                FuzzRecord record = records.record(number);
                producer.send(new ProducerRecord<>(settings.topicOf(record.tenant()), null, record.key(), record.value(), record.headers()),
                        (metadata, failure) -> note(sent, metadata, failure));
            }
        }
        if (refusal != null) {
            throw new Failure("Kafka refused a record: " + refusal);
        }
    }

    private synchronized void note(int number, RecordMetadata metadata, Exception failure) {
        if (failure != null) {
            refusal = failure;
            return;
        }
        String partition = metadata.topic() + "/" + metadata.partition();
        int offset = Math.toIntExact(metadata.offset());
        int[] known = numbers.getOrDefault(partition, new int[0]);
        if (offset >= known.length) {
            known = Arrays.copyOf(known, 2 * offset + 1024);
            numbers.put(partition, known);
        }
        known[offset] = number;
    }

    /** @return the number of the record at this place */
    synchronized int numberAt(String topic, int partition, long offset) {
        return numbers.get(topic + "/" + partition)[Math.toIntExact(offset)];
    }
}
