package sensorpipeline.alerts;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.database.SqlFault;
import sensorpipeline.kafka.Positions;
import sensorpipeline.kafka.Topics;

/**
 * The partitions that one consumer evaluates. States are read from PostgreSQL when the consumer gets a partition; from then on, PostgreSQL is not needed: the positions that the consumer
 * goes by are those in memory, and checkpoints follow. Used by the polling thread.
 */
final class AlertLane implements Positions {

    private static final Logger LOG = LoggerFactory.getLogger(AlertLane.class);
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final long INTERVAL = Duration.ofMillis(300).toNanos();

    private final Consumer<?, ?> consumer;
    private final StateStore store;
    private final AlertPositions positions;
    private final Topics topics;
    private final AlertLanes all;
    private final Map<TopicPartition, PartitionAlerts> partitions = new HashMap<>();
    /** Positions that were committed in Kafka. */
    private final Map<TopicPartition, Long> committed = new HashMap<>();
    private long comparedAt = System.nanoTime();

    /**
     * @param consumer of the partitions
     * @param store of states
     * @param positions in the same database
     * @param topics map a partition to its tenant
     * @param all lanes of the program
     */
    AlertLane(Consumer<?, ?> consumer, StateStore store, AlertPositions positions, Topics topics, AlertLanes all) {
        this.consumer = consumer;
        this.store = store;
        this.positions = positions;
        this.topics = topics;
        this.all = all;
    }

    /** @return the alerts of a partition, or null if this consumer does not evaluate it */
    PartitionAlerts of(TopicPartition partition) {
        return partitions.get(partition);
    }

    /** @return the partitions of the consumer */
    Collection<PartitionAlerts> partitions() {
        return partitions.values();
    }

    @Override
    public Map<TopicPartition, Long> read(Set<TopicPartition> wanted) throws SQLException {
        leave(partitions.values().stream().filter(PartitionAlerts::isOutdated).map(PartitionAlerts::partition).toList());
        Map<TopicPartition, Long> next = new HashMap<>();
        for (TopicPartition partition : wanted) {
            if (!partitions.containsKey(partition)) {
                load(partition);
            }
            if (partitions.containsKey(partition)) {
                next.put(partition, partitions.get(partition).delivered());
            }
        }
        return next;
    }

    private void load(TopicPartition partition) throws SQLException {
        String tenant = topics.tenantOf(partition.topic());
        int count = count(partition);
        SavedStates saved = store.read(partition, tenant, count);
        if (saved != null) {
            PartitionAlerts alerts = new PartitionAlerts(partition, tenant, count, saved);
            partitions.put(partition, alerts);
            all.add(alerts);
        }
    }

    /** @return how many partitions the topic has; a consumer may get a partition before it is told that */
    private int count(TopicPartition partition) {
        return Math.max(consumer.partitionsFor(partition.topic(), LIMIT).size(), partition.partition() + 1);
    }

    @Override
    public void add(Map<TopicPartition, Long> first) throws SQLException {
        Map<TopicPartition, String> tenants = new HashMap<>();
        Map<TopicPartition, Integer> counts = new HashMap<>();
        first.keySet().forEach(partition -> {
            tenants.put(partition, topics.tenantOf(partition.topic()));
            counts.put(partition, count(partition));
        });
        positions.add(first, tenants, counts);
        for (TopicPartition partition : first.keySet()) {
            load(partition);
        }
    }

    /** In memory only; a checkpoint follows. */
    @Override
    public void advance(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to, List<Lost> lost) throws SQLException {
        for (Map.Entry<TopicPartition, Long> each : to.entrySet()) {
            PartitionAlerts alerts = partitions.get(each.getKey());
            if (alerts.isOutdated()) {
                throw new SQLException("Another program evaluates " + each.getKey() + ", or PostgreSQL is another one, such as a restored backup", SqlFault.OUTDATED_STATE);
            }
            alerts.advanceTo(each.getValue());
        }
    }

    @Override
    public Map<TopicPartition, Long> committable(Map<TopicPartition, Long> advanced) {
        if (System.nanoTime() - comparedAt > INTERVAL) {
            compareWithEnds();
            compareCounts();
        }
        partitions.values().stream().filter(alerts -> alerts.newcomers().areWithoutEnds()).forEach(this::askForEnds);
        Map<TopicPartition, Long> saved = new HashMap<>();
        partitions.forEach((partition, alerts) -> {
            long next = alerts.savedNext();
            if (!Long.valueOf(next).equals(committed.put(partition, next))) {
                saved.put(partition, next);
            }
        });
        return saved;
    }

    /**
     * Only Kafka itself can tell that there is no further record: while it does not answer, no sensor is silent. It is not asked about partitions without rules about silence, because its answer
     * comes after the fetch under way.
     */
    private void compareWithEnds() {
        long now = System.currentTimeMillis();
        List<TopicPartition> watched = partitions.values().stream().filter(PartitionAlerts::isWatchedForSilence).map(PartitionAlerts::partition).toList();
        try {
            consumer.endOffsets(watched, LIMIT).forEach((partition, end) -> partitions.get(partition).compareWithEnd(now, end));
        } catch (TimeoutException e) {
            LOG.debug("Kafka does not tell the ends of partitions", e);
        }
        comparedAt = System.nanoTime();
    }

    /** Sensors may come as soon as there are more partitions, before another program adds them to the database. */
    private void compareCounts() {
        try {
            partitions.forEach((partition, alerts) -> alerts.newcomers().compareCount(count(partition)));
        } catch (TimeoutException | AuthorizationException e) {
            LOG.debug("Kafka does not tell how many partitions a topic has", e);
        }
    }

    /** What other partitions have now may be of the sensors that readings wait for. */
    private void askForEnds(PartitionAlerts alerts) {
        String topic = alerts.partition().topic();
        long delivered = alerts.delivered();
        try {
            alerts.newcomers().setEnds(delivered, consumer.endOffsets(consumer.partitionsFor(topic).stream().map(each -> new TopicPartition(topic, each.partition())).toList(), LIMIT));
        } catch (TimeoutException e) {
            LOG.debug("Kafka does not tell the ends of partitions, and is asked again", e);
        }
    }

    /** What is saved now need not be evaluated again by the next consumer. */
    @Override
    public void leave(Collection<TopicPartition> gone) {
        List<PartitionAlerts> left = gone.stream().map(partitions::remove).filter(Objects::nonNull).toList();
        committed.keySet().removeAll(gone);
        all.leave(left);
    }
}
