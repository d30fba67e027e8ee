package sensorpipeline.kafka;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    private static final Duration OFFSETS_LIMIT = Duration.ofSeconds(10);
    /** Between two comparisons with the database, which costs one short query. */
    private static final Duration COMPARISON_INTERVAL = Duration.ofSeconds(5);

    private final String group;
    private final Limits limits;
    private final Positions positions;
    private final Outage outage;
    /** The positions in the database, of the partitions that were compared with it. */
    private final Map<TopicPartition, Long> stored = new HashMap<>();
    /** Offsets from which the next records of compared partitions are expected. */
    private final Map<TopicPartition, Long> expected = new HashMap<>();
    /** Records that Kafka deleted before they could be polled, since the last batch was processed. */
    private final List<Positions.Lost> lost = new ArrayList<>();
    private long comparedAt;
    /** Delivered but not committed: the first offset of each partition. Empty when everything is committed. */
    private final Map<TopicPartition, Long> unfinished = new HashMap<>();
    /** Positions of the partitions that have advanced since the last batch was processed. */
    private final Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
    /** Records of the next batch so far. */
    private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    /** Offsets to commit, of processed batches. */
    private final Map<TopicPartition, OffsetAndMetadata> dealtWith = new HashMap<>();
    /** Topics of which it was logged that they keep their producers' times; shared by all consumers of an endpoint. */
    private final Set<String> reported;
    private boolean isCommitFailing;
    /** Topics of failed batches, which are delivered one at a time until a batch of them succeeds. */
    private final Map<String, Backoff> failing = new LinkedHashMap<>();
    /** Null unless the last comparison of positions failed; nothing is delivered meanwhile. */
    private Backoff comparison;

    /**
     * A pause before a retry.
     *
     * @param pause in nanoseconds, 0 for an immediate retry
     * @param until its end, as {@link System#nanoTime}
     */
    private record Backoff(long pause, long until) {

        static final Backoff NONE = new Backoff(0, System.nanoTime());

        boolean isOver() {
            return System.nanoTime() - until >= 0;
        }
    }

    /**
     * When a batch is delivered.
     *
     * @param records number of records; the poll that reaches it is the last one
     * @param bytes of their values; the poll that reaches it is the last one
     * @param linger maximum wait for more records, from the first one, in nanoseconds
     * @param firstPause backoff before the first redelivery, in nanoseconds; doubles with each further one
     * @param longestPause maximum backoff, in nanoseconds
     */
    public record Limits(int records, long bytes, long linger, long firstPause, long longestPause) {

        /**
         * @param settings {@code <prefix>.readings}, {@code <prefix>.bytes}, {@code <prefix>.wait}, and {@code retry.*}
         * @param prefix of the settings of this kind of consumer, such as {@code store.batch}
         * @return the configured limits
         * @throws Settings.InvalidSetting if one of them is invalid
         */
        public static Limits read(Settings settings, String prefix) {
            return new Limits(
                    settings.wholeNumber(prefix + ".readings", 1, 1_000_000),
                    settings.wholeNumber(prefix + ".bytes", 1, Integer.MAX_VALUE),
                    Duration.ofMillis(settings.wholeNumber(prefix + ".wait", 0, 60_000)).toNanos(),
                    Duration.ofMillis(settings.wholeNumber("retry.delay", 1, 600_000)).toNanos(),
                    Duration.ofMillis(settings.wholeNumber("retry.maximum.delay", 1, 600_000)).toNanos());
        }
    }

    private BatchConsumer(Properties properties, Limits limits, Positions positions, Outage outage, Set<String> reported) {
        super(properties);
        this.group = properties.getProperty(ConsumerConfig.GROUP_ID_CONFIG);
        this.limits = limits;
        this.positions = positions;
        this.outage = outage;
        this.reported = reported;
    }

    /**
     * @param settings {@code kafka.*}
     * @param limits of a batch
     * @param positions of the partitions in the database
     * @param outage is told when the positions cannot be read
     * @return a factory of these consumers, for the parameter {@code kafkaClientFactory} of an endpoint
     */
    public static DefaultKafkaClientFactory factory(Settings settings, Limits limits, Positions positions, Outage outage) {
        Map<String, Object> security = KafkaClients.security(settings);
        Set<String> reported = ConcurrentHashMap.newKeySet();
        return new DefaultKafkaClientFactory() {
            @Override
            @SuppressWarnings("rawtypes")
            public Consumer getConsumer(Properties properties) {
                properties.putAll(security);
                return new BatchConsumer(properties, limits, positions, outage, reported);
            }
        };
    }

    @Override
    public void subscribe(Pattern pattern, ConsumerRebalanceListener listener) {
        super.subscribe(pattern, new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                listener.onPartitionsAssigned(partitions);
                pause(partitions);
                comparePositions();
                pauseAllBut(deliverable());
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
        stored.keySet().removeAll(partitions);
        expected.keySet().removeAll(partitions);
        lost.removeIf(records -> partitions.contains(records.partition()));
    }

    @Override
    public ConsumerRecords<Object, Object> poll(Duration timeout) {
        if (!unfinished.isEmpty()) {
            rewind();
        }
        if (!dealtWith.isEmpty()) {
            commitDealtWith();
        }
        comparePositions();
        Set<String> gone = new HashSet<>(failing.keySet());
        gone.removeAll(topics(assignment()));
        endFailure(gone);
        Set<String> topics = deliverable();
        pauseAllBut(topics);
        ConsumerRecords<Object, Object> polled = super.poll(shorter(timeout));
        if (polled.isEmpty()) {
            // Nothing is left of a batch that failed.
            endFailure(topics);
        }
        return gather(polled);
    }

    private void rewind() {
        records.clear();
        next.keySet().removeAll(unfinished.keySet());
        unfinished.keySet().retainAll(assignment());
        unfinished.forEach(this::seek);
        Set<String> topics = topics(unfinished.keySet());
        outage.began(topics);
        // Of several topics one may be at fault.
        topics.forEach(topic -> failing.merge(topic, Backoff.NONE, (before, now) -> before));
        if (topics.size() == 1) {
            failing.computeIfPresent(topics.iterator().next(), (topic, before) -> longer(before));
        }
        unfinished.clear();
        lost.clear();
        stored.clear();
    }

    private Backoff longer(Backoff before) {
        long pause = before == null || before.pause == 0 ? limits.firstPause : Math.min(limits.longestPause, before.pause * 2);
        return new Backoff(pause, System.nanoTime() + pause);
    }

    /** @return the one topic to be delivered next, because it failed; all that did not fail, if none of those is due */
    private Set<String> deliverable() {
        if (comparison != null) {
            return Set.of();
        }
        for (Map.Entry<String, Backoff> topic : failing.entrySet()) {
            if (topic.getValue().isOver()) {
                return Set.of(topic.getKey());
            }
        }
        Set<String> topics = topics(assignment());
        topics.removeAll(failing.keySet());
        return topics;
    }

    private void pauseAllBut(Set<String> topics) {
        Set<TopicPartition> delivered = assignment().stream().filter(partition -> topics.contains(partition.topic())).collect(Collectors.toSet());
        Set<TopicPartition> others = new HashSet<>(assignment());
        others.removeAll(delivered);
        resume(delivered);
        pause(others);
    }

    private static Set<String> topics(Collection<TopicPartition> partitions) {
        return partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet());
    }

    /** @return the timeout, but at most until a backoff ends */
    private Duration shorter(Duration timeout) {
        long now = System.nanoTime();
        return Stream.concat(failing.values().stream(), Stream.ofNullable(comparison)).filter(backoff -> !backoff.isOver())
                .map(backoff -> Duration.ofNanos(Math.max(0, backoff.until - now))).reduce(timeout, (one, other) -> one.compareTo(other) < 0 ? one : other);
    }

    /** Compares the partitions with the database that were not yet, and all of them every few seconds; backs off if that fails. */
    private void comparePositions() {
        Set<TopicPartition> assigned = assignment();
        boolean areNew = !stored.keySet().containsAll(assigned);
        boolean isDue = comparison == null ? areNew || System.nanoTime() - comparedAt >= COMPARISON_INTERVAL.toNanos() : comparison.isOver();
        if (!isDue || assigned.isEmpty()) {
            return;
        }
        try {
            Map<TopicPartition, Long> found = positions.read(assigned);
            Set<TopicPartition> others = assigned.stream().filter(partition -> !stored.containsKey(partition) || !stored.get(partition).equals(found.get(partition)))
                    .collect(Collectors.toSet());
            if (!others.isEmpty()) {
                startFrom(others, found);
            }
            comparedAt = System.nanoTime();
            if (comparison != null) {
                comparison = null;
                outage.over(Set.of());
            }
        } catch (InterruptException | WakeupException e) {
            throw e;
        } catch (SQLException | KafkaException e) {
            stored.clear();
            outage.handleException(null, e);
            comparison = longer(comparison);
        }
    }

    /**
     * Sets where reading starts.
     *
     * @param partitions whose positions are not known yet, or have changed
     * @param found their positions, for those that the database knows
     */
    private void startFrom(Set<TopicPartition> partitions, Map<TopicPartition, Long> found) throws SQLException {
        Map<TopicPartition, Long> earliest = beginningOffsets(partitions, OFFSETS_LIMIT);
        Map<TopicPartition, Long> unknown = new HashMap<>(earliest);
        unknown.keySet().removeAll(found.keySet());
        if (!unknown.isEmpty()) {
            positions.add(unknown);
        }
        Map<TopicPartition, Long> lacking = new HashMap<>();
        for (TopicPartition partition : partitions) {
            long first = earliest.get(partition);
            long inDatabase = found.getOrDefault(partition, first);
            long inKafka = position(partition, OFFSETS_LIMIT);
            if (inDatabase < first) {
                advance(Map.of(partition, inDatabase), Map.of(partition, first), List.of(new Positions.Lost(partition, inDatabase, first - 1)));
                inDatabase = first;
            }
            long start = Math.max(first, Math.min(inDatabase, inKafka));
            if (start < inKafka) {
                lacking.put(partition, inKafka - start);
            }
            if (start != inKafka) {
                seek(partition, start);
                next.remove(partition);
                // So that lag is told at once.
                dealtWith.put(partition, new OffsetAndMetadata(start));
            }
            stored.put(partition, inDatabase);
            expected.put(partition, start);
        }
        if (!lacking.isEmpty()) {
            TopicPartition most = Collections.max(lacking.entrySet(), Map.Entry.comparingByValue()).getKey();
            LOG.warn("PostgreSQL lacks up to {} records that group {} has committed in Kafka, of {} partitions, such as {} from offset {} on. It is probably a restored "
                    + "backup, or a standby that was behind. The records are read again; those that are stored count once",
                    lacking.values().stream().mapToLong(Long::longValue).sum(), group, lacking.size(), most, expected.get(most));
        }
    }

    private void advance(Map<TopicPartition, Long> from, Map<TopicPartition, Long> to, List<Positions.Lost> deleted) throws SQLException {
        positions.advance(from, to, deleted);
        for (Positions.Lost records : deleted) {
            LOG.error("Kafka deleted up to {} records of partition {} before they were stored, offsets {} to {}; see docs/operations.md, Lost records",
                    records.count(), records.partition(), records.first(), records.last());
        }
    }

    private ConsumerRecords<Object, Object> gather(ConsumerRecords<Object, Object> first) {
        if (first.isEmpty()) {
            passOver(first);
            return first;
        }
        long end = System.nanoTime() + limits.linger;
        long bytes = add(first);
        long rest = limits.linger;
        while (records.size() < limits.records && bytes < limits.bytes && rest > 0) {
            bytes += add(super.poll(Duration.ofNanos(rest)));
            rest = end - System.nanoTime();
        }
        if (records.isEmpty()) {
            return ConsumerRecords.empty();
        }
        PolledRecords polled = new PolledRecords(this, List.copyOf(records));
        records.clear();
        ConsumerRecord<byte[], byte[]> head = polled.records().get(0);
        ConsumerRecord<Object, Object> batch = new ConsumerRecord<>(head.topic(), head.partition(), head.offset(), null, polled);
        return new ConsumerRecords<>(Map.of(new TopicPartition(head.topic(), head.partition()), List.of(batch)), Map.of());
    }

    /** @param polled without records, but perhaps past markers of transactions or records of aborted ones */
    private void passOver(ConsumerRecords<Object, Object> polled) {
        expect(polled);
        if (!next.isEmpty() && comparison == null) {
            try {
                commitPositions();
            } catch (SQLException e) {
                LOG.debug("Positions past markers of transactions are stored later", e);
                stored.clear();
            }
        }
    }

    private void expect(ConsumerRecords<Object, Object> polled) {
        next.putAll(polled.nextOffsets());
        polled.nextOffsets().forEach((partition, position) -> expected.put(partition, position.offset()));
    }

    /** @return the size in bytes of the values of these records, which are appended to the batch */
    private long add(ConsumerRecords<Object, Object> polled) {
        long bytes = 0;
        long now = System.currentTimeMillis();
        for (TopicPartition partition : polled.partitions()) {
            List<ConsumerRecord<Object, Object>> ofPartition = polled.records(partition);
            noticeLost(partition, ofPartition.get(0).offset());
            for (ConsumerRecord<Object, Object> record : ofPartition) {
                bytes += Math.max(0, record.serializedValueSize());
                records.add(ReceivedRecord.of(ofBytes(record), now));
            }
            if (!ReceivedRecord.hasTimeOfReceipt(ofPartition.get(0)) && reported.add(partition.topic())) {
                LOG.warn("Topic {} keeps its producers' times, so the store takes its own as the time of receipt. A wrong time can make Kafka delete records before they are"
                        + " stored, because its retention goes by them: set message.timestamp.type=LogAppendTime on the topic", partition.topic());
            }
            unfinished.merge(partition, ofPartition.get(0).offset(), Math::min);
        }
        expect(polled);
        return bytes;
    }

    /** Kafka continues after records that it deleted, without a word. Offsets of markers and of compacted records are missing too. */
    private void noticeLost(TopicPartition partition, long offset) {
        long awaited = expected.getOrDefault(partition, offset);
        if (offset > awaited) {
            long first = beginningOffsets(Set.of(partition), OFFSETS_LIMIT).get(partition);
            if (first > awaited) {
                lost.add(new Positions.Lost(partition, awaited, Math.min(first, offset) - 1));
            }
        }
    }

    /** The endpoint uses byte array deserializers; only the type that Camel expects hides this. */
    @SuppressWarnings("unchecked")
    private static ConsumerRecord<byte[], byte[]> ofBytes(ConsumerRecord<?, ?> record) {
        return (ConsumerRecord<byte[], byte[]>) record;
    }

    /**
     * Called when a batch is processed, that is, all records polled before now.
     *
     * @throws SQLException if the database does not take the positions, or has others than this consumer knows; the batch is then redelivered
     */
    void commit() throws SQLException {
        commitPositions();
        Set<String> topics = topics(unfinished.keySet());
        unfinished.clear();
        failing.keySet().removeAll(topics);
        outage.over(topics);
    }

    /** @param topics of which this consumer has nothing to redeliver any more */
    private void endFailure(Set<String> topics) {
        if (failing.keySet().removeAll(topics)) {
            outage.over(topics);
        }
    }

    private void commitPositions() throws SQLException {
        Map<TopicPartition, Long> to = new HashMap<>();
        next.forEach((partition, position) -> to.put(partition, position.offset()));
        if (!to.isEmpty()) {
            advance(stored, to, lost);
        }
        stored.putAll(to);
        lost.clear();
        dealtWith.putAll(next);
        next.clear();
        commitDealtWith();
    }

    private void commitDealtWith() {
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
