package sensorpipeline.alerts;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import sensorpipeline.reading.Reading;

/**
 * Sensors whose records come to a partition that does not have their states, since its topic got more partitions, and the readings that wait for these states. A topic that never got more
 * has no newcomers. Thread-safe: it uses the lock of its partition.
 */
final class Newcomers {

    /** In milliseconds: after a topic got more partitions, for so long producers may not know of them, and their sensors may change over at any moment. */
    private static final long CHANGEOVER = TimeUnit.HOURS.toMillis(1);
    /** How long readings wait for states of another partition: longer than a program that was killed keeps its partitions. */
    private static final long LONGEST_WAIT = TimeUnit.SECONDS.toNanos(15);

    private final PartitionAlerts partition;
    private final Evaluator evaluator;
    private final WaitingReadings waiting = new WaitingReadings();
    /** Those that have begun without the states that they may have in another partition. */
    private final Set<String> begunAnew = new HashSet<>();
    private final Set<String> strangers;
    private int count;
    private long raisedAt;

    /**
     * @param partition that they come to
     * @param count how many partitions its topic has
     * @param evaluator of its records
     * @param saved what the database has of it
     */
    Newcomers(PartitionAlerts partition, int count, Evaluator evaluator, SavedStates saved) {
        this.partition = partition;
        this.count = count;
        this.evaluator = evaluator;
        raisedAt = saved.raisedAt();
        strangers = saved.strangers().stream().map(SavedStates.Key::sensorId).collect(Collectors.toSet());
    }

    /** @param time when the topic was found to have more partitions, in milliseconds since 1970, or 0 */
    void setRaisedAt(long time) {
        synchronized (partition) {
            raisedAt = Math.max(raisedAt, time);
        }
    }

    /** @param found how many partitions the topic has */
    void compareCount(int found) {
        synchronized (partition) {
            if (found > count) {
                count = found;
                raisedAt = System.currentTimeMillis();
            }
        }
    }

    /** @return whether the topic ever got more partitions */
    boolean arePossible() {
        synchronized (partition) {
            return raisedAt > 0;
        }
    }

    /** @return whether sensors may change their partition at any moment */
    boolean areExpected() {
        synchronized (partition) {
            return raisedAt > 0 && System.currentTimeMillis() - raisedAt < CHANGEOVER;
        }
    }

    private boolean isNewcomer(String sensorId) {
        return raisedAt > 0 && !evaluator.sensors().isHere(sensorId) && (areExpected() || strangers.contains(sensorId));
    }

    /** @return whether a reading has to wait */
    boolean hasToWait(Reading reading) {
        synchronized (partition) {
            return !waiting.isEmpty() || isNewcomer(reading.series().sensorId());
        }
    }

    /** Lets a reading wait. */
    void add(ConsumerRecord<?, ?> record, Reading reading) {
        synchronized (partition) {
            waiting.add(record, reading);
        }
    }

    /** @return whether readings wait */
    boolean areWaitedFor() {
        synchronized (partition) {
            return !waiting.isEmpty();
        }
    }

    /** @return the readings that wait, for who has the lock of the partition */
    WaitingReadings waiting() {
        return waiting;
    }

    /** @return whether readings wait, and it is not known how far other partitions have to be evaluated first */
    boolean areWithoutEnds() {
        synchronized (partition) {
            return !waiting.isEmpty() && waiting.ends() == null && areExpected();
        }
    }

    /** Tells how far other partitions have to be evaluated: {@link WaitingReadings#setEnds}. */
    void setEnds(long before, Map<TopicPartition, Long> ends) {
        synchronized (partition) {
            waiting.setEnds(before, ends);
        }
    }

    /** @return the sensors that take their states along next, or null if there are none */
    Arrivals next() {
        synchronized (partition) {
            boolean isOverdue = waiting.areOverdue(LONGEST_WAIT) || !areExpected();
            Set<String> sensors = new HashSet<>(begunAnew);
            if (isOverdue || waiting.ends() != null) {
                waiting.firstSensors().stream().filter(this::isNewcomer).forEach(sensors::add);
            }
            return sensors.isEmpty() ? null : new Arrivals(sensors, partition.appliedChange(), isOverdue || waiting.ends() == null ? Map.of() : waiting.ends());
        }
    }

    /** Takes sensors in with their states, and evaluates what has waited for them. */
    void takeIn(Arrivals arrivals, MovedStates.Moved moved) {
        synchronized (partition) {
            evaluator.moving().takeIn(arrivals.sensors(), moved);
            begunAnew.removeAll(arrivals.sensors());
            release();
        }
    }

    /** PostgreSQL does not tell which states sensors bring along: if they have waited for that for longer than a time, in nanoseconds, they begin anew until it does. */
    void goOn(long limit) {
        synchronized (partition) {
            if (waiting.areOverdue(limit)) {
                Set<String> newcomers = waiting.sensors().stream().filter(this::isNewcomer).collect(Collectors.toSet());
                evaluator.moving().takeIn(newcomers, new MovedStates.Moved(List.of(), Map.of(), Map.of()));
                begunAnew.addAll(newcomers);
                release();
            }
        }
    }

    private void release() {
        waiting.release(this::isNewcomer, partition::evaluateWaiting);
        if (waiting.isEmpty()) {
            partition.advanceTo(waiting.end());
        }
    }

    /** @return whether the partition knows something of one of these sensors */
    boolean areKnown(Set<String> sensors) {
        synchronized (partition) {
            return sensors.stream().anyMatch(sensor -> evaluator.sensors().find(sensor) != null);
        }
    }

    /** @param found what other partitions have of sensors; those are forgotten */
    void forget(Set<SavedStates.Key> found) {
        synchronized (partition) {
            evaluator.moving().forget(found.stream().map(SavedStates.Key::sensorId).filter(sensor -> evaluator.sensors().isHere(sensor) && !begunAnew.contains(sensor)).collect(Collectors.toSet()), found);
        }
    }
}
