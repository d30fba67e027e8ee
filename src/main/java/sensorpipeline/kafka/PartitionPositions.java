package sensorpipeline.kafka;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a consumer's partitions are: in the database and in Kafka. Compares both, and notices records that Kafka deleted before they were
 * polled. Used by the polling thread.
 */
final class PartitionPositions {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionPositions.class);
    /** Partitions of other topics wait meanwhile. */
    private static final Duration LIMIT = Duration.ofSeconds(3);
    /** Between two comparisons, each of which costs one short query. */
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Consumer<?, ?> consumer;
    private final Positions positions;
    private final String group;
    /** In the database, of the partitions that were compared with it. */
    private final Map<TopicPartition, Long> stored = new HashMap<>();
    /** The same, as last known. */
    private final Map<TopicPartition, Long> known = new HashMap<>();
    /** Offsets from which the next records of compared partitions are expected. */
    private final Map<TopicPartition, Long> expected = new HashMap<>();
    /** Records that Kafka deleted, since the last batch was processed. */
    private final List<Positions.Lost> lost = new ArrayList<>();
    private long comparedAt;
    private boolean isComparisonComplete = true;

    /**
     * @param consumer that reads the partitions
     * @param positions in the database
     * @param group of the consumer
     */
    PartitionPositions(Consumer<?, ?> consumer, Positions positions, String group) {
        this.consumer = consumer;
        this.positions = positions;
        this.group = group;
    }

    /** @return those in the database */
    Positions own() {
        return positions;
    }

    /** @return true if one of these partitions was not compared yet, or all of them some seconds ago */
    boolean isComparisonDue(Set<TopicPartition> assigned) {
        boolean isNew = isComparisonComplete && !stored.keySet().containsAll(assigned);
        return !assigned.isEmpty() && (isNew || System.nanoTime() - comparedAt >= INTERVAL.toNanos());
    }

    /**
     * Compares partitions with the database, topic by topic. If it is behind, the consumer reads on from there.
     *
     * @param moved gets the offsets from which it does, for the partitions where that is not its position
     * @throws SQLException if the database fails
     */
    void compare(Set<TopicPartition> assigned, Map<TopicPartition, Long> moved) throws SQLException {
        Map<TopicPartition, Long> inDatabase = positions.read(assigned);
        Map<String, List<TopicPartition>> differing = assigned.stream()
                .filter(partition -> !stored.containsKey(partition) || !stored.get(partition).equals(inDatabase.get(partition)))
                .collect(Collectors.groupingBy(TopicPartition::topic));
        isComparisonComplete = true;
        for (Map.Entry<String, List<TopicPartition>> topic : differing.entrySet()) {
            try {
                startFrom(topic.getValue(), inDatabase, moved);
            } catch (TimeoutException e) {
                // Without a leader of each partition, the topic waits for the next comparison, and only that topic.
                isComparisonComplete = false;
                LOG.warn("Kafka does not tell the offsets of topic {}; its readings wait: {}", topic.getKey(), e.getMessage());
            }
        }
        comparedAt = System.nanoTime();
    }

    /** @return true if reading can go on at its position */
    boolean isCompared(TopicPartition partition) {
        return stored.containsKey(partition);
    }

    private void startFrom(List<TopicPartition> partitions, Map<TopicPartition, Long> found, Map<TopicPartition, Long> moved) throws SQLException {
        Map<TopicPartition, Long> earliest = consumer.beginningOffsets(partitions, LIMIT);
        Map<TopicPartition, Long> unknown = new HashMap<>(earliest);
        unknown.keySet().removeAll(found.keySet());
        if (!unknown.isEmpty()) {
            positions.add(unknown);
        }
        Map<TopicPartition, Long> lacking = new HashMap<>();
        for (TopicPartition partition : partitions) {
            long first = earliest.get(partition);
            long inDatabase = found.getOrDefault(partition, first);
            long inKafka = consumer.position(partition, LIMIT);
            if (inDatabase < first) {
                advance(Map.of(partition, inDatabase), Map.of(partition, first), List.of(new Positions.Lost(partition, inDatabase, first - 1)));
                inDatabase = first;
            }
            long start = Math.max(first, Math.min(inDatabase, inKafka));
            // After a failed batch, a database that has not changed lacks nothing, although markers may lie between its position and the batch.
            if (start < inKafka && inDatabase < known.getOrDefault(partition, Long.MAX_VALUE)) {
                lacking.put(partition, inKafka - start);
            }
            if (start != inKafka) {
                consumer.seek(partition, start);
                moved.put(partition, start);
            }
            stored.put(partition, inDatabase);
            known.put(partition, inDatabase);
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

    /**
     * Records in the database how far partitions are stored.
     *
     * @param next offsets of the first records that are not
     * @return positions that can be committed in Kafka
     * @throws SQLException if the database fails, or has other positions than it had
     */
    Map<TopicPartition, OffsetAndMetadata> advance(Map<TopicPartition, OffsetAndMetadata> next) throws SQLException {
        Map<TopicPartition, Long> to = new HashMap<>();
        if (!next.isEmpty()) {
            next.forEach((partition, position) -> to.put(partition, position.offset()));
            advance(stored, to, lost);
            stored.putAll(to);
            known.putAll(to);
            lost.clear();
        }
        Map<TopicPartition, OffsetAndMetadata> committable = new HashMap<>();
        // With the leader epoch where it is known.
        positions.committable(to).forEach((partition, offset) -> committable.put(partition,
                next.containsKey(partition) && next.get(partition).offset() == offset ? next.get(partition) : new OffsetAndMetadata(offset)));
        return committable;
    }

    /** Kafka continues after records that it deleted, without a word. Offsets of markers and of compacted records are missing too. */
    void noticeLost(TopicPartition partition, long firstPolled) {
        long awaited = expected.getOrDefault(partition, firstPolled);
        if (firstPolled > awaited) {
            long first = consumer.beginningOffsets(Set.of(partition), LIMIT).get(partition);
            if (first > awaited) {
                lost.add(new Positions.Lost(partition, awaited, Math.min(first, firstPolled) - 1));
            }
        }
    }

    /** @param next offsets after what was polled */
    void expect(Map<TopicPartition, OffsetAndMetadata> next) {
        next.forEach((partition, position) -> expected.put(partition, position.offset()));
    }

    /** Makes the next comparison start anew: what was polled will be polled again, or the database may be another one. */
    void forget() {
        lost.clear();
        stored.clear();
    }

    /** @param partitions that this consumer does not read any more */
    void leave(Collection<TopicPartition> partitions) {
        stored.keySet().removeAll(partitions);
        known.keySet().removeAll(partitions);
        expected.keySet().removeAll(partitions);
        lost.removeIf(records -> partitions.contains(records.partition()));
        positions.leave(partitions);
    }
}
