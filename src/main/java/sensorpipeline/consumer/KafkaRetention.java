package sensorpipeline.consumer;

import java.time.Duration;
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
     * @param topics with records that wait
     * @param age of the oldest of these records
     * @param limit maximum time to ask Kafka
     * @return its share of the shortest retention of the topics: Kafka deletes it at 1; NaN if Kafka does not tell
     */
    double used(Set<String> topics, Duration age, Duration limit) throws InterruptedException {
        if (!milliseconds.keySet().containsAll(topics) || System.nanoTime() - readAt > INTERVAL) {
            try {
                read(topics, limit);
            } catch (ExecutionException | TimeoutException e) {
                LOG.debug("The retention of topics is not known", e);
                return Double.NaN;
            }
        }
        // Without a limit, retention.ms is -1.
        long shortest = topics.stream().mapToLong(milliseconds::get).filter(retention -> retention > 0).min().orElse(Long.MAX_VALUE);
        return age.toMillis() / (double) shortest;
    }

    private void read(Set<String> topics, Duration limit) throws InterruptedException, ExecutionException, TimeoutException {
        Map<ConfigResource, Config> described = admin.describeConfigs(topics.stream().map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic)).toList())
                .all().get(limit.toMillis(), TimeUnit.MILLISECONDS);
        described.forEach((topic, config) -> milliseconds.put(topic.name(), Long.parseLong(config.get(TopicConfig.RETENTION_MS_CONFIG).value())));
        readAt = System.nanoTime();
    }
}
