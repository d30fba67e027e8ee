package sensorpipeline.alerts;

import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import sensorpipeline.reading.EventTime;

/** Takes sensors into a partition that come from another one, and forgets those that have left. Not thread-safe. */
final class MovingSensors {

    private final TopicPartition partition;
    private final String tenant;
    private final WatchedSensors sensors;
    private final UnsavedStates unsaved;
    private final SilenceWatch silence;
    private final Consumer<OutgoingTransition> outgoing;

    /**
     * @param partition of Kafka
     * @param tenant whose readings it has
     * @param sensors of the partition
     * @param unsaved gets what changes
     * @param silence of the sensors
     * @param outgoing takes transitions
     */
    MovingSensors(TopicPartition partition, String tenant, WatchedSensors sensors, UnsavedStates unsaved, SilenceWatch silence, Consumer<OutgoingTransition> outgoing) {
        this.partition = partition;
        this.tenant = tenant;
        this.sensors = sensors;
        this.unsaved = unsaved;
        this.silence = silence;
        this.outgoing = outgoing;
    }

    /**
     * Takes in sensors that come from another partition.
     *
     * @param arrived ids of all of them
     * @param moved what they take along; it replaces what was begun without it
     */
    void takeIn(Set<String> arrived, MovedStates.Moved moved) {
        for (MovedStates.State state : moved.states()) {
            WatchedSensor sensor = sensors.of(state.key().sensorId());
            WatchedRule rule = sensor.rule(state.key().ruleId());
            if (state.isOwn() && sensor.isHere() && arrived.contains(sensor.id())) {
                continue;
            }
            if (rule != null && rule.hasState()) {
                clear(rule);
            }
            sensors.restore(state.key(), state.state());
            unsaved.add(state.key());
        }
        moved.newest().forEach((sensorId, times) -> sensors.newest().add(sensors.of(sensorId), times));
        moved.seen().forEach((key, seen) -> {
            if (sensors.of(key.sensorId()).rule(key.ruleId()) instanceof WatchedSilence awaited && awaited.seenAt() < seen.at()) {
                awaited.expectFrom(seen);
            }
        });
        arrived.forEach(sensorId -> sensors.of(sensorId).arrive());
        silence.begin();
    }

    /**
     * Forgets sensors that have left for another partition.
     *
     * @param taken what is known there: an alert that nobody knows there is cleared
     */
    void forget(Collection<String> left, Set<SavedStates.Key> taken) {
        for (String sensorId : left) {
            WatchedSensor sensor = sensors.find(sensorId);
            if (sensor != null) {
                sensor.rules().stream().filter(rule -> unsaved.contains(rule.key()) && !taken.contains(rule.key())).forEach(this::clear);
                sensors.remove(sensorId);
                unsaved.remove(sensorId);
            }
        }
    }

    private void clear(WatchedRule rule) {
        long now = EventTime.micros(Instant.now());
        rule.clear(new Cause(tenant, "moved-" + partition.partition() + "-" + now, 0, outgoing), now);
    }
}
