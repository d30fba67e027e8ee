package sensorpipeline.health;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import sensorpipeline.kafka.Topics;

/** Whether Kafka's brokers answer. */
public final class KafkaHealthCheck extends SampledHealthCheck implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(4);

    private final String brokers;
    private final Admin admin;

    /** @param brokers as the setting {@code kafka.bootstrap.servers} */
    public KafkaHealthCheck(String brokers) {
        super("kafka");
        this.brokers = brokers;
        this.admin = Topics.admin(brokers, LIMIT);
    }

    @Override
    protected Map<String, Object> look() throws Exception {
        try {
            return Map.of("brokers", admin.describeCluster().nodes().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS).size());
        } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
            throw new IllegalStateException("Kafka at " + brokers + " does not answer", e);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
