package sensorpipeline.consumer;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How long Kafka retains the records of topics, read once a minute. Used by one thread. */
final class KafkaRetention {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaRetention.class);
    private static final long INTERVAL = Duration.ofMinutes(1).toNanos();

    private final Admin admin;
    private final Map<String, Long> milliseconds = new HashMap<>();
    private long readAt;

    /** @param admin of the brokers; stays the caller's */
    KafkaRetention(Admin admin) {
        this.admin = admin;
    }

    /**
     * @param oldest when Kafka received the oldest record that waits, of each topic
     * @param limit maximum time to ask Kafka
     * @return the record's age relative to the retention of its topic, of the topic where it is largest: Kafka deletes the record at 1; NaN if Kafka does not tell
     */
    double used(Map<String, Instant> oldest, Duration limit) throws InterruptedException {
        if (!milliseconds.keySet().containsAll(oldest.keySet()) || System.nanoTime() - readAt > INTERVAL) {
            try {
                read(oldest.keySet(), limit);
            } catch (ExecutionException | TimeoutException e) {
                LOG.debug("The retention of topics is not known", e);
                return Double.NaN;
            }
        }
        Instant now = Instant.now();
        return oldest.entrySet().stream().mapToDouble(topic -> used(topic.getKey(), Duration.between(topic.getValue(), now))).max().orElse(0);
    }

    private double used(String topic, Duration age) {
        long retention = milliseconds.get(topic);
        // Without a limit, it is -1.
        return retention > 0 ? Math.max(0, age.toMillis()) / (double) retention : 0;
    }

    private void read(Set<String> topics, Duration limit) throws InterruptedException, ExecutionException, TimeoutException {
        Map<ConfigResource, Config> described = admin.describeConfigs(topics.stream().map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic)).toList())
                .all().get(limit.toMillis(), TimeUnit.MILLISECONDS);
        described.forEach((topic, config) -> milliseconds.put(topic.name(), Long.parseLong(config.get(TopicConfig.RETENTION_MS_CONFIG).value())));
        readAt = System.nanoTime();
    }
}
