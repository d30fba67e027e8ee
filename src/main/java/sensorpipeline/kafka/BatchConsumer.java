package sensorpipeline.kafka;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.component.kafka.DefaultKafkaClientFactory;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.settings.Settings;

/**
 * A Kafka consumer whose polls return at most one record, which carries all records of that poll as {@link
 * PolledRecords}: a route gets a batch as the body of one exchange, without the cost of one exchange per record.
 *
 * <p>A batch that is not committed when the next poll begins is redelivered, one topic at a time, so that the records of a topic at fault do not hold up
 * those of others. A topic that fails alone is paused for a backoff; the consumer keeps polling, so that it stays in its group. No failure in a route can
 * therefore lose a record; only a premature commit can.
 *
 * <p>Offsets past the last record of a partition are committed as well: markers of transactions, and records of aborted ones.
 *
 * <p>The {@link Positions} stored in the database decide where reading starts. Each partition is compared with them before its first record, after a
 * failed batch, and every few seconds. So a database that is older than Kafka's offsets, such as a restored backup, gets what it lacks, and
 * records that Kafka deleted before they were stored are recorded as lost.
 *
 * <p>A batch lingers for more records, so that few readings need few transactions; if many are waiting in Kafka, it fills immediately.
 *
 * <p>Not thread-safe, like every Kafka consumer.
 */
public final class BatchConsumer extends KafkaConsumer<Object, Object> {

    private static final Logger LOG = LoggerFactory.getLogger(BatchConsumer.class);
    private static final Duration COMMIT_LIMIT = Duration.ofSeconds(10);
    /** In place of a topic: no topic has an empty name. */
    private static final Set<String> COMPARISON = Set.of("");

    private final BatchLimits limits;
    private final Outage outage;
    private final PartitionPositions positions;
    private final FailingTopics failing;
    /** Partitions that are paused here. */
    private Set<TopicPartition> held = new HashSet<>();
    /** Null unless the last comparison of positions failed; nothing is delivered meanwhile. */
    private Backoff comparison;
    /** Delivered but not committed: the first offset of each partition. Empty when everything is committed. */
    private final Map<TopicPartition, Long> unfinished = new HashMap<>();
    /** Positions of the partitions that have advanced since the last batch was processed. */
    private final Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
    /** Records of the next batch so far. */
    private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    /** Offsets to commit, of processed batches. */
    private final Map<TopicPartition, OffsetAndMetadata> dealtWith = new HashMap<>();
    private final Receipts receipts;
    private boolean isCommitFailing;

    private BatchConsumer(Properties properties, BatchLimits limits, Function<? super BatchConsumer, ? extends Positions> positions, Outage outage, Receipts receipts) {
        super(properties);
        this.limits = limits;
        this.outage = outage;
        this.positions = new PartitionPositions(this, positions.apply(this), properties.getProperty(ConsumerConfig.GROUP_ID_CONFIG));
        this.failing = new FailingTopics(limits, outage);
        this.receipts = receipts;
    }

    /**
     * @param settings {@code kafka.*}
     * @param limits of a batch
     * @param positions makes the positions of a consumer's partitions in the database
     * @param outage is told when the positions cannot be read
     * @return a factory of these consumers, for the parameter {@code kafkaClientFactory} of an endpoint
     */
    public static DefaultKafkaClientFactory factory(Settings settings, BatchLimits limits, Function<? super BatchConsumer, ? extends Positions> positions, Outage outage) {
        Map<String, Object> security = KafkaClients.security(settings);
        Receipts receipts = new Receipts();
        return new DefaultKafkaClientFactory() {
            @Override
            @SuppressWarnings("rawtypes")
            public Consumer getConsumer(Properties properties) {
                properties.putAll(security);
                return new BatchConsumer(properties, limits, positions, outage, receipts);
            }
        };
    }

    @Override
    public void subscribe(Pattern pattern, ConsumerRebalanceListener listener) {
        super.subscribe(pattern, new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                listener.onPartitionsAssigned(partitions);
                comparePositions();
                deliverable();
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                listener.onPartitionsRevoked(partitions);
                leave(partitions);
            }

            @Override
            public void onPartitionsLost(Collection<TopicPartition> partitions) {
                listener.onPartitionsLost(partitions);
                leave(partitions);
            }
        });
    }

    /** Another consumer stores and commits revoked partitions, even if they are assigned to this one again immediately. */
    private void leave(Collection<TopicPartition> partitions) {
        records.removeIf(record -> partitions.contains(new TopicPartition(record.topic(), record.partition())));
        unfinished.keySet().removeAll(partitions);
        next.keySet().removeAll(partitions);
        dealtWith.keySet().removeAll(partitions);
        positions.leave(partitions);
        held.removeAll(partitions);
    }

    @Override
    public ConsumerRecords<Object, Object> poll(Duration timeout) {
        if (!unfinished.isEmpty()) {
            rewind();
        }
        commitDealtWith();
        comparePositions();
        failing.retain(topics(assignment()));
        Set<String> topics = deliverable();
        ConsumerRecords<Object, Object> polled = super.poll(comparison == null ? failing.timeout(topics, timeout) : comparison.rest());
        if (polled.isEmpty()) {
            // Nothing is left of a batch that failed.
            failing.forget(topics);
        }
        return gather(polled);
    }

    private void rewind() {
        records.clear();
        next.keySet().removeAll(unfinished.keySet());
        unfinished.keySet().retainAll(assignment());
        unfinished.forEach(this::seek);
        failing.fail(topics(unfinished.keySet()));
        unfinished.clear();
        positions.forget();
    }

    /** Pauses all partitions but those to be delivered next; returns their topics. */
    private Set<String> deliverable() {
        Set<String> topics = comparison == null ? failing.deliverable(topics(assignment())) : Set.of();
        Set<TopicPartition> others = assignment().stream().filter(partition -> !topics.contains(partition.topic()) || !positions.isCompared(partition))
                .collect(Collectors.toSet());
        // Not those that the route has paused, because it is suspended.
        held.removeAll(others);
        resume(held);
        pause(others);
        held = others;
        return topics;
    }

    private static Set<String> topics(Collection<TopicPartition> partitions) {
        return partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet());
    }

    private void comparePositions() {
        if (comparison == null ? !positions.isComparisonDue(assignment()) : !comparison.isOver()) {
            return;
        }
        Map<TopicPartition, Long> moved = new HashMap<>();
        try {
            positions.compare(assignment(), moved);
            comparison = null;
            outage.over(this, COMPARISON);
        } catch (InterruptException | WakeupException e) {
            throw e;
        } catch (SQLException | KafkaException e) {
            positions.forget();
            outage.handleException(null, e);
            outage.began(this, COMPARISON);
            comparison = (comparison == null ? Backoff.none() : comparison).next(limits);
        }
        next.keySet().removeAll(moved.keySet());
        // So that the lag is correct at once.
        moved.forEach((partition, start) -> dealtWith.put(partition, new OffsetAndMetadata(start)));
    }

    private ConsumerRecords<Object, Object> gather(ConsumerRecords<Object, Object> first) {
        if (first.isEmpty()) {
            passOverMarkers(first);
            return first;
        }
        long end = System.nanoTime() + limits.linger();
        long bytes = add(first);
        long rest = limits.linger();
        while (records.size() < limits.records() && bytes < limits.bytes() && rest > 0) {
            bytes += add(super.poll(Duration.ofNanos(rest)));
            rest = end - System.nanoTime();
        }
        if (records.isEmpty()) {
            return ConsumerRecords.empty();
        }
        PolledRecords polled = new PolledRecords(this, positions.own(), List.copyOf(records));
        records.clear();
        ConsumerRecord<byte[], byte[]> head = polled.records().get(0);
        ConsumerRecord<Object, Object> batch = new ConsumerRecord<>(head.topic(), head.partition(), head.offset(), null, polled);
        return new ConsumerRecords<>(Map.of(new TopicPartition(head.topic(), head.partition()), List.of(batch)), Map.of());
    }

    private void passOverMarkers(ConsumerRecords<Object, Object> polled) {
        expect(polled);
        if (comparison == null) {
            try {
                commitPositions();
            } catch (SQLException e) {
                LOG.debug("Positions past markers of transactions, or records of aborted ones, are stored later", e);
                positions.forget();
            }
        }
    }

    private void expect(ConsumerRecords<Object, Object> polled) {
        next.putAll(polled.nextOffsets());
        positions.expect(polled.nextOffsets());
    }

    /** @return the size in bytes of the values of these records, which are appended to the batch */
    private long add(ConsumerRecords<Object, Object> polled) {
        long bytes = 0;
        long now = System.currentTimeMillis();
        // First of all, so that a failure redelivers them.
        polled.partitions().forEach(partition -> unfinished.merge(partition, polled.records(partition).get(0).offset(), Math::min));
        for (TopicPartition partition : polled.partitions()) {
            List<ConsumerRecord<Object, Object>> ofPartition = polled.records(partition);
            positions.noticeLost(partition, ofPartition.get(0).offset());
            for (ConsumerRecord<Object, Object> record : ofPartition) {
                bytes += Math.max(0, record.serializedValueSize());
                records.add(receipts.of(record, now));
            }
        }
        expect(polled);
        return bytes;
    }

    /**
     * Called when a batch is processed, that is, all records polled before now.
     *
     * @throws SQLException if the database does not take the positions, or has others than this consumer knows; the batch is then redelivered
     */
    void commit() throws SQLException {
        commitPositions();
        failing.succeed(topics(unfinished.keySet()));
        unfinished.clear();
    }

    private void commitPositions() throws SQLException {
        dealtWith.putAll(positions.advance(next));
        next.clear();
        commitDealtWith();
    }

    private void commitDealtWith() {
        if (dealtWith.isEmpty()) {
            return;
        }
        try {
            commitSync(dealtWith, COMMIT_LIMIT);
            dealtWith.clear();
            isCommitFailing = false;
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            if (!isCommitFailing) {
                LOG.warn("Kafka did not take the offsets of a stored batch; they are sent again, or its readings come again and count once: {}",
                        e.getMessage());
            }
            isCommitFailing = true;
        }
    }
}
