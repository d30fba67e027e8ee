package sensorpipeline.alerts;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.reading.Reading;

/**
 * The readings of a partition from the first one of a sensor that may have states in another partition: they are evaluated once it has taken them along. Those of other sensors wait with it,
 * because states are saved for one position. Not thread-safe.
 */
final class WaitingReadings {

    private static final Logger LOG = LoggerFactory.getLogger(WaitingReadings.class);
    /** More take too much memory. */
    private static final int MOST = 20_000;

    private final Deque<Waiting> readings = new ArrayDeque<>();
    private long end;
    private long since;
    /** The ends of the topic's partitions once the readings before an offset had come; null until Kafka was asked. */
    private Map<TopicPartition, Long> ends;
    private long until;

    private record Waiting(ConsumerRecord<?, ?> record, Reading reading) {

        private String sensorId() {
            return reading.series().sensorId();
        }
    }

    void add(ConsumerRecord<?, ?> record, Reading reading) {
        if (readings.isEmpty()) {
            since = System.nanoTime();
        }
        readings.add(new Waiting(record, reading));
        end = record.offset() + 1;
    }

    boolean isEmpty() {
        return readings.isEmpty();
    }

    /** @return offset of the first record that has not come */
    long end() {
        return end;
    }

    /** @param position up to which there are no more readings */
    void advanceTo(long position) {
        end = Math.max(end, position);
    }

    /** @return the sensors of the readings */
    Set<String> sensors() {
        return readings.stream().map(Waiting::sensorId).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** @return the sensors of those that came before Kafka was asked; all if it was not */
    Set<String> firstSensors() {
        return readings.stream().filter(waiting -> ends == null || waiting.record.offset() < until).map(Waiting::sensorId).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * Keeps how far other partitions have to be evaluated.
     *
     * @param before the readings before this offset had come when Kafka was asked
     * @param found ends of the topic's partitions
     */
    void setEnds(long before, Map<TopicPartition, Long> found) {
        until = before;
        ends = found;
    }

    /** @return as set, or null */
    Map<TopicPartition, Long> ends() {
        return ends;
    }

    /** @return whether they have waited for longer than this, in nanoseconds, or are too many */
    boolean areOverdue(long limit) {
        return !readings.isEmpty() && (System.nanoTime() - since > limit || readings.size() > MOST);
    }

    /** Evaluates those that need not wait any more, up to the first one that has to. */
    void release(Predicate<String> hasToWait, BiConsumer<ConsumerRecord<?, ?>, Reading> evaluate) {
        ends = null;
        since = System.nanoTime();
        while (!readings.isEmpty() && !hasToWait.test(readings.peek().sensorId())) {
            Waiting first = readings.poll();
            try {
                evaluate.accept(first.record, first.reading);
            } catch (RuntimeException e) {
                LOG.error("A reading could not be evaluated because of a fault of the program", e);
            }
        }
    }
}
