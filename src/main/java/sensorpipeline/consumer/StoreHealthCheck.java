package sensorpipeline.consumer;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.health.SampledHealthCheck;
import sensorpipeline.kafka.KafkaClients;
import sensorpipeline.kafka.Topics;
import sensorpipeline.settings.Settings;

/**
 * Whether the store makes progress, as seen from Kafka: while readings are pending, committed offsets must
 * advance, also those of each partition. This detects a stall in any part of the write path.
 */
public final class StoreHealthCheck extends SampledHealthCheck implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StoreHealthCheck.class);
    private static final Duration LIMIT = Duration.ofSeconds(4);
    /** One consumer stores its partitions by turns. */
    private static final int TURNS = 5;
    /** Records of a transaction wait only once it is committed. */
    private static final ListOffsetsOptions COMMITTED = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);

    private final Admin admin;
    private final Settings settings;
    private final String group;
    private final Topics topics;
    private final Supplier<String> reason;
    private final Pattern subscription;
    private final Duration progressLimit;
    private final OldestWaiting oldestWaiting;
    private final KafkaRetention retention;
    private volatile Waiting waiting;
    private volatile double retentionUsed = Double.NaN;
    private Set<String> misnamed = Set.of();
    private long committed = -1;
    private long progressAt = System.nanoTime();
    private Map<TopicPartition, Stand> stands = Map.of();

    /**
     * The backlog in Kafka at the last check.
     *
     * @param lags records that are not stored yet, by tenant
     * @param since when Kafka received the oldest of them; null if there is none
     */
    private record Waiting(Map<String, Long> lags, Instant since) {
    }

    /**
     * How far a partition is stored.
     *
     * @param offset of the next record
     * @param lag records from there on
     * @param heldBack records after them that Kafka delivers only once a transaction has ended
     * @param since when this was seen first, or nothing waited, as {@link System#nanoTime}
     */
    private record Stand(long offset, long lag, long heldBack, long since) {
    }

    /**
     * @param settings with brokers, group and {@code health.progress.timeout}
     * @param topics whose readings are stored
     * @param reason why storing failed lately, or null
     */
    public StoreHealthCheck(Settings settings, Topics topics, Supplier<String> reason) {
        super("store");
        this.settings = settings;
        this.admin = Topics.admin(settings, LIMIT);
        this.oldestWaiting = new OldestWaiting(settings);
        this.retention = new KafkaRetention(admin);
        this.group = settings.text("store.group");
        this.topics = topics;
        this.reason = reason;
        this.subscription = Pattern.compile(topics.subscription());
        this.progressLimit = Duration.ofMillis(settings.wholeNumber("health.progress.timeout", 1000, Integer.MAX_VALUE));
    }

    /** @return true if the last check reached Kafka */
    public boolean isKnown() {
        return waiting != null;
    }

    /** @return records in Kafka that are not stored yet, at the last check; 0 if unknown */
    public long lag() {
        return lags().values().stream().mapToLong(Long::longValue).sum();
    }

    /** @return the same for each tenant; empty if unknown */
    public Map<String, Long> lags() {
        Waiting seen = waiting;
        return seen == null ? Map.of() : seen.lags;
    }

    /** @return the time since Kafka received the oldest record that is not stored yet; zero if there is none, or if unknown */
    public Duration oldestAge() {
        Waiting seen = waiting;
        Duration age = seen == null || seen.since == null ? Duration.ZERO : Duration.between(seen.since, Instant.now());
        return age.isNegative() ? Duration.ZERO : age;
    }

    /** @return age of the oldest record of a topic that is not stored yet, relative to the topic's retention, of the topic where it is largest; NaN if unknown */
    public double retentionUsed() {
        return retentionUsed;
    }

    @Override
    protected Map<String, Object> look() throws Exception {
        try {
            measure();
        } catch (ExecutionException | TimeoutException e) {
            waiting = null;
            retentionUsed = Double.NaN;
            throw new IllegalStateException(KafkaClients.describe(settings, e), e);
        }
        long idle = System.nanoTime() - progressAt;
        if (idle > progressLimit.toNanos()) {
            throw new IllegalStateException(
                    "nothing was stored for %d s, while records wait in Kafka: %d%s".formatted(TimeUnit.NANOSECONDS.toSeconds(idle), lag(), because()));
        }
        requireEachPartition();
        return misnamed.isEmpty() ? Map.of("lag", lag()) : Map.of("lag", lag(), "ignored_topics", misnamed);
    }

    private String because() {
        String last = reason.get();
        return last == null ? "" : "; the last attempt failed: " + last;
    }

    private void requireEachPartition() {
        long now = System.nanoTime();
        List<TopicPartition> stuck = stands.keySet().stream().filter(partition -> now - stands.get(partition).since > TURNS * progressLimit.toNanos())
                .sorted(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition)).toList();
        if (!stuck.isEmpty()) {
            Stand first = stands.get(stuck.get(0));
            throw new IllegalStateException((first.lag > 0 ? "%d records of partition %s wait from offset %d on, and none of them was stored for %d s%s"
                    : "%d records of partition %s from offset %d on are held back by an open transaction for %d s; abort it with kafka-transactions.sh%s").formatted(
                    first.lag > 0 ? first.lag : first.heldBack, stuck.get(0), first.offset, TimeUnit.NANOSECONDS.toSeconds(now - first.since),
                    stuck.size() == 1 ? "" : "; %d other partitions do not advance either".formatted(stuck.size() - 1)) + because());
        }
    }

    private void measure() throws InterruptedException, ExecutionException, TimeoutException {
        Map<TopicPartition, OffsetAndMetadata> commits =
                get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        Set<String> names = get(admin.listTopics().names());
        tell(topics.misnamed(names));
        Map<String, TopicDescription> described = get(admin.describeTopics(names.stream()
                .filter(name -> subscription.matcher(name).matches()).toList()).allTopicNames());
        Map<TopicPartition, OffsetSpec> partitions = described.values().stream()
                .flatMap(topic -> topic.partitions().stream().map(p -> new TopicPartition(topic.name(), p.partition())))
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
        Map<TopicPartition, ListOffsetsResultInfo> ends = get(admin.listOffsets(partitions, COMMITTED).all());
        Map<TopicPartition, ListOffsetsResultInfo> uncommittedEnds = get(admin.listOffsets(partitions).all());
        partitions.replaceAll((partition, spec) -> OffsetSpec.earliest());
        Map<TopicPartition, ListOffsetsResultInfo> starts = get(admin.listOffsets(partitions).all());
        Map<String, Long> behind = new HashMap<>();
        Map<TopicPartition, Long> first = new HashMap<>();
        Map<TopicPartition, Stand> seen = new HashMap<>();
        long position = 0;
        for (TopicPartition partition : ends.keySet()) {
            OffsetAndMetadata commit = commits.get(partition);
            long start = starts.get(partition).offset();
            long at = commit == null ? start : Math.max(start, commit.offset());
            long lag = Math.max(0, ends.get(partition).offset() - at);
            behind.merge(topics.tenantOf(partition.topic()), lag, Long::sum);
            if (lag > 0) {
                first.put(partition, at);
            }
            position += at;
            Stand before = stands.get(partition);
            long heldBack = Math.max(0, uncommittedEnds.get(partition).offset() - Math.max(at, ends.get(partition).offset()));
            boolean isStanding = before != null && before.offset == at && lag + heldBack > 0;
            seen.put(partition, new Stand(at, lag, heldBack, isStanding ? before.since : System.nanoTime()));
        }
        stands = seen;
        Map<String, Instant> oldest = first.isEmpty() ? Map.of() : oldestWaiting.since(first, seenWaiting(first.keySet()), LIMIT);
        waiting = new Waiting(behind, oldest.values().stream().min(Comparator.naturalOrder()).orElse(null));
        retentionUsed = retention.used(oldest, LIMIT);
        if (lag() == 0 || position != committed) {
            progressAt = System.nanoTime();
        }
        committed = position;
    }

    private void tell(Set<String> found) {
        found.stream().filter(topic -> !misnamed.contains(topic)).forEach(topic -> LOG.warn(
                "Nothing of topic {} is read, because what follows '{}.' is not the name of a tenant: 1 to 63 lower-case letters, digits or hyphens", topic, topics.readings()));
        misnamed = found;
    }

    private Map<TopicPartition, Instant> seenWaiting(Set<TopicPartition> partitions) {
        Instant now = Instant.now();
        return partitions.stream().collect(Collectors.toMap(partition -> partition, partition -> now.minusNanos(System.nanoTime() - stands.get(partition).since)));
    }

    private static <T> T get(org.apache.kafka.common.KafkaFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
        oldestWaiting.close();
    }
}
