package sensorpipeline.bench;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Publishes the workload to the topic; fails if Kafka refused a reading. */
final class Sender implements AutoCloseable {

    private static final long PACE_STEP_MILLISECONDS = 2;

    private final Workload workload;
    private final IngestOptions options;
    private final String topic;
    private final KafkaProducer<byte[], byte[]> producer;
    private volatile Exception refusal;
    private volatile double pace;

    Sender(PipelineSettings settings, IngestOptions options, Workload workload) {
        this.workload = workload;
        this.options = options;
        this.topic = settings.topic();
        this.producer = producer(settings, 5);
    }

    /**
     * @param linger milliseconds to wait for more records of a batch
     * @return a new producer without compression, which would cost the consumer processor time too
     */
    static KafkaProducer<byte[], byte[]> producer(PipelineSettings settings, int linger) {
        Map<String, Object> client = settings.kafkaClient();
        client.putAll(Map.of(
                ProducerConfig.ACKS_CONFIG, "all",
                ProducerConfig.COMPRESSION_TYPE_CONFIG, "none",
                ProducerConfig.LINGER_MS_CONFIG, linger,
                ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024,
                ProducerConfig.BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024));
        return new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Publishes all readings as fast as possible, and returns when Kafka has acknowledged them. */
    void preload() {
        long start = System.nanoTime();
        for (long number = 0; number < options.events; number++) {
            send(number);
        }
        finish(start);
        Output.say("Sent %,d readings, %,.0f per second", options.events, pace);
    }

    /** Publishes the readings at the rate of the options, and returns when Kafka has acknowledged them. */
    void sendPaced() throws InterruptedException {
        workload.startAt(System.currentTimeMillis());
        long start = System.nanoTime();
        for (long number = 0; number < options.events; number++) {
            while (number > (System.nanoTime() - start) / 1e9 * options.rate) {
                Thread.sleep(PACE_STEP_MILLISECONDS);
            }
            send(number);
        }
        finish(start);
    }

    private void send(long number) {
        producer.send(workload.next(topic, number), (sent, failure) -> {
            if (failure != null) {
                refusal = failure;
            }
        });
    }

    private void finish(long start) {
        producer.flush();
        if (refusal != null) {
            throw new Failure("Kafka refused readings: " + refusal);
        }
        pace = options.events / ((System.nanoTime() - start) / 1e9);
    }

    /** @return acknowledged readings per second */
    double pace() {
        return pace;
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
