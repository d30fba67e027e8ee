package sensorpipeline.alerts;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import sensorpipeline.kafka.PolledRecords;
import sensorpipeline.reading.EventTime;
import sensorpipeline.reading.Reading;

/** Evaluates the records of one partition in their order, and changes between them: what it decides depends on nothing else. Not thread-safe. */
final class Evaluator {

    /** A clock that is fast must not make later readings, with a better time, look old. */
    private static final long MOST_AHEAD = TimeUnit.MINUTES.toMicros(1);

    private final TopicPartition partition;
    private final String tenant;
    private final int partitions;
    private final Consumer<OutgoingTransition> outgoing;
    private final WatchedSensors sensors;
    private final Set<SavedStates.Key> strangers;
    private final UnsavedStates unsaved;
    /** No sensor has been silent for too long before; 0 if that is not known. */
    private long earliestDeadline;

    /**
     * @param partition of Kafka
     * @param tenant whose readings it has
     * @param partitions how many its topic has
     * @param saved rules and states
     * @param outgoing takes transitions
     */
    Evaluator(TopicPartition partition, String tenant, int partitions, SavedStates saved, Consumer<OutgoingTransition> outgoing) {
        this.partition = partition;
        this.tenant = tenant;
        this.partitions = partitions;
        this.outgoing = outgoing;
        sensors = new WatchedSensors(saved);
        unsaved = new UnsavedStates(sensors);
        strangers = saved.strangers();
        saved.rules().forEach(this::expectNamed);
    }

    /** Evaluates a reading; those of a partition must come in the order of their records. */
    void evaluate(ConsumerRecord<?, ?> record, Reading reading) {
        WatchedSensor sensor = sensors.of(reading.series().sensorId());
        sensor.arrive();
        for (WatchedSilence silence : sensor.silencesOf(reading.metrics())) {
            see(record, silence, reading.series().location());
        }
        long received = TimeUnit.MILLISECONDS.toMicros(PolledRecords.receivedAt(record));
        long at = Math.min(reading.at(), received + MOST_AHEAD);
        if (sensor.compareClocks(received, at)) {
            unsaved.add(new SavedStates.Key(sensor.id(), SavedStates.CLOCK));
        }
        if (sensor.isLate(received, at)) {
            return;
        }
        RulesOfMetric[] ofMetrics = sensor.valuesOf(reading.metrics());
        for (int i = 0; i < ofMetrics.length; i++) {
            double value = reading.values()[i];
            if (!ofMetrics[i].areQuietAt(value)) {
                ofMetrics[i].rules().stream().filter(rule -> !rule.isQuietAt(value)).forEach(rule -> evaluate(record, rule, reading.series().location(), at, value));
                ofMetrics[i].update();
            }
        }
        for (ConditionOfReading condition : sensor.conditionsOf(reading.metrics())) {
            WatchedValues rule = condition.rule();
            if (!condition.isQuietAt(reading) && PolledRecords.receivedAt(record) >= rule.version().createdAt() && condition.read(cause(record), at, reading)) {
                changed.add(rule.key());
            }
        }
    }

    private void evaluate(ConsumerRecord<?, ?> record, WatchedValues rule, String location, long at, double value) {
        if (PolledRecords.receivedAt(record) >= rule.version().createdAt() && rule.read(cause(record), location, at, value)) {
            unsaved.add(rule.key());
        }
    }

    private void see(ConsumerRecord<?, ?> record, WatchedSilence rule, String location) {
        long received = PolledRecords.receivedAt(record);
        if (received >= rule.version().createdAt() && rule.version().rule().locations().match(location)) {
            unsaved.see();
            if (rule.see(cause(record), received, record.offset(), this::silence)) {
                unsaved.add(rule.key());
            }
            earliestDeadline = Math.min(earliestDeadline, rule.deadline());
        }
    }

    private Cause cause(ConsumerRecord<?, ?> record) {
        return new Cause(tenant, partition.partition() + "-" + record.offset() + "-" + record.timestamp(), PolledRecords.receivedAt(record), outgoing);
    }

    private Cause silence(long seenAt, long seenOffset) {
        return new Cause(tenant, "silence-" + partition.partition() + "-" + seenOffset + "-" + seenAt, 0, outgoing);
    }

    /**
     * Fires alerts about sensors that are silent.
     *
     * @param now up to when all records are evaluated, by Kafka's clock, in milliseconds since 1970
     * @param mayHaveLeft whether sensors may send in another partition
     * @param seenElsewhere tells which rules have seen sensors in other partitions; asked only about sensors that were never seen in this one, or may have left
     */
    <E extends Exception> void watchSilence(long now, boolean mayHaveLeft, SeenElsewhere<E> seenElsewhere) throws E {
        if (now < earliestDeadline) {
            return;
        }
        Map<Boolean, List<WatchedSilence>> silent = sensors.silences().filter(rule -> rule.deadline() < now)
                .collect(Collectors.partitioningBy(rule -> mayHaveLeft || rule.seenOffset() == WatchedSilence.NONE));
        silent.get(false).forEach(this::fire);
        if (!silent.get(true).isEmpty()) {
            fireUnlessSeen(silent.get(true), seenElsewhere);
        }
        // From here on they only become later; a sensor that is seen for the first time may have an earlier one.
        earliestDeadline = sensors.silences().mapToLong(WatchedSilence::deadline).min().orElse(Long.MAX_VALUE);
    }

    private <E extends Exception> void fireUnlessSeen(List<WatchedSilence> silent, SeenElsewhere<E> seenElsewhere) throws E {
        Map<SavedStates.Key, SavedStates.Seen> others;
        try {
            others = seenElsewhere.ask(partition);
        } catch (Exception e) {
            // Alerts do not wait for an answer.
            silent.stream().filter(rule -> rule.seenOffset() != WatchedSilence.NONE).forEach(this::fire);
            throw e;
        }
        for (WatchedSilence rule : silent) {
            SavedStates.Seen other = others.get(rule.key());
            if (other != null && (rule.seenOffset() == WatchedSilence.NONE || other.offset() >= 0 && other.at() > rule.seenAt())) {
                rule.expectFrom(WatchedSilence.NONE, WatchedSilence.NONE);
            } else {
                fire(rule);
            }
        }
    }

    private void fire(WatchedSilence rule) {
        rule.fire(this::silence);
        unsaved.add(rule.key());
    }

    /** The sensors that a rule about silence names are waited for, also if they never send. */
    private void expectNamed(RuleVersion version) {
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

    /** Applies a change of the tenant to all readings from the present one on. */
    void apply(Change change) {
        Cause cause = new Cause(tenant, "change-" + change.id(), 0, outgoing);
        switch (change.kind()) {
            case "rule" -> applyRule(cause, change);
            case "retire" -> retire(cause, change);
            default -> applyToAlert(cause, change);
        }
    }

    private void applyRule(Cause cause, Change change) {
        RuleVersion version = change.version();
        sensors.setRule(change.ruleId(), version);
        for (WatchedSensor sensor : sensors.all()) {
            WatchedRule before = sensor.rule(change.ruleId());
            boolean applies = version != null && version.rule().sensors().match(sensor.id());
            if (before == null && !applies) {
                continue;
            }
            boolean continues = before != null && applies && before.version().rule().isAboutTheSameAs(version.rule());
            if (before != null) {
                if (before.hasState()) {
                    unsaved.add(before.key());
                    if (!continues) {
                        before.clear(cause, change.micros());
                    }
                }
                sensor.remove(before);
            }
            if (applies) {
                WatchedRule after = WatchedRule.of(version, sensor.id(), continues ? before.saveFor(version) : null);
                if (continues && before instanceof WatchedSilence silence) {
                    ((WatchedSilence) after).expectFrom(silence.seenAt(), silence.seenOffset());
                }
                sensor.add(after);
            }
        }
        unsaved.see();
        earliestDeadline = 0;
        if (version != null) {
            expectNamed(version);
        }
    }

    /** Nobody waits for a sensor that is gone, until it sends again. */
    private void retire(Cause cause, Change change) {
        WatchedSensor sensor = sensors.find(change.sensorId());
        if (sensor == null) {
            return;
        }
        for (WatchedRule rule : sensor.rules()) {
            if (rule.hasState()) {
                rule.clear(cause, change.micros());
                unsaved.add(rule.key());
            }
            if (rule instanceof WatchedSilence silence) {
                silence.expectFrom(WatchedSilence.NONE, WatchedSilence.NONE);
                unsaved.see();
            }
        }
    }

    private void applyToAlert(Cause cause, Change change) {
        WatchedSensor sensor = sensors.find(change.sensorId());
        WatchedRule rule = sensor == null ? null : sensor.find(each -> each.alert() != null && each.alert().id().equals(change.alertId()));
        if (rule == null) {
            return;
        }
        switch (change.kind()) {
            case "acknowledge" -> rule.acknowledge(cause, new Alert.Acknowledgement(change.by(), EventTime.text(change.micros()), change.comment()), change.micros());
            case "shelve" -> rule.shelve(cause, change.until() == null ? null : EventTime.text(EventTime.micros(change.until())), change.micros());
            default -> rule.clear(cause, change.micros());
        }
        earliestDeadline = 0;
        unsaved.see();
        unsaved.add(rule.key());
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
        moved.seen().forEach((key, seen) -> {
            if (sensors.of(key.sensorId()).rule(key.ruleId()) instanceof WatchedSilence silence && silence.seenAt() < seen.at()) {
                silence.expectFrom(seen.at(), seen.offset());
            }
        });
        arrived.forEach(sensorId -> sensors.of(sensorId).arrive());
        earliestDeadline = 0;
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

    /** @return what has to be saved */
    UnsavedStates unsaved() {
        return unsaved;
    }

    /** @return the sensors */
    WatchedSensors sensors() {
        return sensors;
    }
}
