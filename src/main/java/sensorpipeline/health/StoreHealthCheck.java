package sensorpipeline.health;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import sensorpipeline.Settings;
import sensorpipeline.kafka.Topics;

/**
 * Whether the store makes progress, as Kafka sees it: readings wait, and the committed offsets move. This holds whatever
 * part of the way is stuck.
 */
public final class StoreHealthCheck extends SampledHealthCheck implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(4);

    private final Admin admin;
    private final String brokers;
    private final String group;
    private final Topics topics;
    private final Pattern subscription;
    private final Duration progressLimit;
    private volatile Map<String, Long> lags = Map.of();
    private long committed = -1;
    private long progressAt = System.nanoTime();

    /**
     * @param settings with brokers, group and {@code health.progress.timeout}
     * @param topics whose readings are to be stored
     */
    public StoreHealthCheck(Settings settings, Topics topics) {
        super("store");
        this.brokers = settings.text("kafka.bootstrap.servers");
        this.admin = Topics.admin(brokers, LIMIT);
        this.group = settings.text("store.group");
        this.topics = topics;
        this.subscription = Pattern.compile(topics.subscription());
        this.progressLimit = Duration.ofMillis(settings.wholeNumber("health.progress.timeout", 1000, Integer.MAX_VALUE));
    }

    /** @return records in Kafka that are not stored yet, as of the last look */
    public long lag() {
        return lags.values().stream().mapToLong(Long::longValue).sum();
    }

    /** @return the same for each tenant; empty if it could not be looked */
    public Map<String, Long> lags() {
        return lags;
    }

    @Override
    protected Map<String, Object> look() throws Exception {
        try {
            measure();
        } catch (ExecutionException | TimeoutException e) {
            lags = Map.of();
            throw new IllegalStateException("Kafka at " + brokers + " does not answer", e);
        }
        long idle = System.nanoTime() - progressAt;
        if (idle > progressLimit.toNanos()) {
            throw new IllegalStateException(
                    "%d records wait and none was stored for %d s".formatted(lag(), TimeUnit.NANOSECONDS.toSeconds(idle)));
        }
        return Map.of("lag", lag());
    }

    private void measure() throws InterruptedException, ExecutionException, TimeoutException {
        Map<TopicPartition, OffsetAndMetadata> commits =
                get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        Map<String, TopicDescription> described = get(admin.describeTopics(get(admin.listTopics().names()).stream()
                .filter(name -> subscription.matcher(name).matches()).toList()).allTopicNames());
        Map<TopicPartition, OffsetSpec> partitions = described.values().stream()
                .flatMap(topic -> topic.partitions().stream().map(p -> new TopicPartition(topic.name(), p.partition())))
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
        Map<TopicPartition, ListOffsetsResultInfo> ends = get(admin.listOffsets(partitions).all());
        partitions.replaceAll((partition, spec) -> OffsetSpec.earliest());
        Map<TopicPartition, ListOffsetsResultInfo> starts = get(admin.listOffsets(partitions).all());
        Map<String, Long> behind = new HashMap<>();
        long position = 0;
        for (TopicPartition partition : ends.keySet()) {
            OffsetAndMetadata commit = commits.get(partition);
            long start = starts.get(partition).offset();
            long at = commit == null ? start : Math.max(start, commit.offset());
            behind.merge(topics.tenantOf(partition.topic()), Math.max(0, ends.get(partition).offset() - at), Long::sum);
            position += at;
        }
        lags = behind;
        if (lag() == 0 || position != committed) {
            progressAt = System.nanoTime();
        }
        committed = position;
    }

    private static <T> T get(org.apache.kafka.common.KafkaFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
