package sensorpipeline.health;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import sensorpipeline.kafka.KafkaClients;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;

/** Checks that the Kafka brokers are reachable. */
public final class KafkaHealthCheck extends SampledHealthCheck implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(4);

    private final Settings settings;
    private final Admin admin;

    /**
     * @param settings {@code kafka.*}
     * @throws CannotStart if Kafka's client rejects the broker addresses, for example because none of their host names can be resolved
     */
    public KafkaHealthCheck(Settings settings) {
        super("kafka");
        this.settings = settings;
        try {
            this.admin = Topics.admin(settings, LIMIT);
        } catch (KafkaException e) {
            throw new CannotStart(KafkaClients.describe(settings, e), e);
        }
    }

    @Override
    protected Map<String, Object> look() throws Exception {
        try {
            return Map.of("brokers", admin.describeCluster().nodes().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS).size());
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(KafkaClients.describe(settings, e), e);
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
