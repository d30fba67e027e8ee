package sensorpipeline.alerts;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/** Watches the sensors of a partition that rules about silence wait for. Not thread-safe. */
final class SilenceWatch {

    private final TopicPartition partition;
    private final String tenant;
    private final int partitions;
    private final Set<SavedStates.Key> strangers;
    private final WatchedSensors sensors;
    private final UnsavedStates unsaved;
    private final Consumer<OutgoingTransition> outgoing;
    /** No sensor has been silent for too long before; 0 if that is not known. */
    private long earliestDeadline;

    /**
     * @param partition of Kafka
     * @param tenant whose readings it has
     * @param partitions how many its topic has
     * @param saved rules, and what other partitions know
     * @param sensors of the partition
     * @param unsaved gets what changes
     * @param outgoing takes transitions
     */
    SilenceWatch(TopicPartition partition, String tenant, int partitions, SavedStates saved, WatchedSensors sensors, UnsavedStates unsaved, Consumer<OutgoingTransition> outgoing) {
        this.partition = partition;
        this.tenant = tenant;
        this.partitions = partitions;
        this.sensors = sensors;
        this.unsaved = unsaved;
        this.outgoing = outgoing;
        strangers = saved.strangers();
        saved.rules().forEach(this::expectNamed);
    }

    /** Something else than a record of the sensor may have changed when a sensor is silent for too long. */
    void begin() {
        earliestDeadline = 0;
    }

    /** Takes a record of a sensor: {@link WatchedSilence#see}. */
    void see(WatchedSilence rule, Cause cause, long received, long offset, String location) {
        unsaved.see();
        if (rule.see(cause, received, offset, location, this::silence)) {
            unsaved.add(rule.key());
        }
        earliestDeadline = Math.min(earliestDeadline, rule.deadline());
    }

    /** Takes a record of a sensor from a location, which rules may not apply to: {@link WatchedSilence#leave}. */
    void leave(WatchedSensor sensor, Cause cause, long received, String location) {
        for (WatchedSilence rule : sensor.silencesNotFor(location)) {
            if (rule.leave(cause, received, this::silence)) {
                unsaved.see();
                unsaved.add(rule.key());
            }
        }
    }

    private Cause silence(long time, long seenOffset) {
        return new Cause(tenant, "silence-" + partition.partition() + "-" + seenOffset + "-" + time, 0, outgoing);
    }

    /**
     * Fires alerts about sensors that are silent, and clears those whose schedule says so.
     *
     * @param now up to when all records are evaluated, by Kafka's clock, in milliseconds since 1970
     * @param mayHaveLeft whether sensors may send in another partition
     * @param seenElsewhere tells which rules have seen sensors in other partitions; asked only about sensors that were never seen in this one, or may have left
     */
    <E extends Exception> void watch(long now, boolean mayHaveLeft, SeenElsewhere<E> seenElsewhere) throws E {
        if (now < earliestDeadline) {
            return;
        }
        // The end of a span clears an alert wherever its sensor is.
        sensors.silences().filter(rule -> rule.endsAt() < now).forEach(rule -> advance(rule, rule.endsAt() + 1));
        Map<Boolean, List<WatchedSilence>> due = sensors.silences().filter(rule -> rule.deadline() < now)
                .collect(Collectors.partitioningBy(rule -> mayHaveLeft || rule.seenOffset() == WatchedSilence.NONE));
        due.get(false).forEach(rule -> advance(rule, now));
        if (!due.get(true).isEmpty()) {
            advanceUnlessSeen(due.get(true), now, seenElsewhere);
        }
        // From here on they only become later; a sensor that is seen for the first time may have an earlier one.
        earliestDeadline = sensors.silences().mapToLong(WatchedSilence::deadline).min().orElse(Long.MAX_VALUE);
    }

    private <E extends Exception> void advanceUnlessSeen(List<WatchedSilence> due, long now, SeenElsewhere<E> seenElsewhere) throws E {
        Map<SavedStates.Key, SavedStates.Seen> others;
        try {
            others = seenElsewhere.ask(partition);
        } catch (Exception e) {
            // Alerts do not wait for an answer.
            due.stream().filter(rule -> rule.seenOffset() != WatchedSilence.NONE).forEach(rule -> advance(rule, now));
            throw e;
        }
        for (WatchedSilence rule : due) {
            SavedStates.Seen other = others.get(rule.key());
            if (other != null && (rule.seenOffset() == WatchedSilence.NONE || other.offset() >= 0 && other.at() > rule.seenAt())) {
                rule.expectFrom(WatchedSilence.NONE, WatchedSilence.NONE);
            } else {
                advance(rule, now);
            }
        }
    }

    private void advance(WatchedSilence rule, long now) {
        rule.advance(now, this::silence);
        unsaved.add(rule.key());
    }

    /** The sensors that a rule about silence names are waited for, also if they never send. */
    void expectNamed(RuleVersion version) {
        if (!version.rule().isOfSilence()) {
            return;
        }
        for (String sensorId : version.rule().sensors().names()) {
            if (SavedStates.partitionOf(sensorId, partitions) == partition.partition() && sensors.of(sensorId).rule(version.ruleId()) instanceof WatchedSilence silence
                    && silence.isUndecided() && !strangers.contains(silence.key())) {
                silence.expectFrom(version.createdAt(), WatchedSilence.NONE);
                unsaved.see();
            }
        }
    }
}
