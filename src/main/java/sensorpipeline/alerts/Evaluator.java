package sensorpipeline.alerts;

import java.util.HashMap;
import java.util.LinkedHashSet;
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
    /** States that have changed since they were taken to be saved. */
    private Set<SavedStates.Key> changed = new LinkedHashSet<>();
    /** Whether a sensor that a rule about silence waits for has sent since then. */
    private boolean hasSeen;
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
        saved.rules().forEach(this::expectNamed);
    }

    /** Evaluates a reading; those of a partition must come in the order of their records. */
    void evaluate(ConsumerRecord<?, ?> record, Reading reading) {
        WatchedSensor sensor = sensors.of(reading.series().sensorId());
        for (WatchedSilence silence : sensor.silencesOf(reading.metrics())) {
            see(record, silence, reading.series().location());
        }
        long received = TimeUnit.MILLISECONDS.toMicros(PolledRecords.receivedAt(record));
        long at = Math.min(reading.at(), received + MOST_AHEAD);
        if (sensor.compareClocks(received, at)) {
            changed.add(new SavedStates.Key(sensor.id(), SavedStates.CLOCK));
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
            changed.add(rule.key());
        }
    }

    private void see(ConsumerRecord<?, ?> record, WatchedSilence rule, String location) {
        long received = PolledRecords.receivedAt(record);
        if (received >= rule.version().createdAt() && rule.version().rule().locations().match(location)) {
            hasSeen = true;
            if (rule.see(cause(record), received, record.offset(), this::silence)) {
                changed.add(rule.key());
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
     * @param seenElsewhere tells which rules have seen sensors in other partitions; asked only about sensors that were never seen in this one
     */
    <E extends Exception> void watchSilence(long now, SeenElsewhere<E> seenElsewhere) throws E {
        if (now < earliestDeadline) {
            return;
        }
        Map<Boolean, List<WatchedSilence>> silent = sensors.silences().filter(rule -> rule.deadline() < now)
                .collect(Collectors.partitioningBy(rule -> rule.seenOffset() == WatchedSilence.NONE));
        silent.get(false).forEach(this::fire);
        if (!silent.get(true).isEmpty()) {
            Set<SavedStates.Key> others = seenElsewhere.ask(partition);
            for (WatchedSilence rule : silent.get(true)) {
                if (others.contains(rule.key())) {
                    rule.expectFrom(WatchedSilence.NONE, WatchedSilence.NONE);
                } else {
                    fire(rule);
                }
            }
        }
        // From here on they only become later; a sensor that is seen for the first time may have an earlier one.
        earliestDeadline = sensors.silences().mapToLong(WatchedSilence::deadline).min().orElse(Long.MAX_VALUE);
    }

    private void fire(WatchedSilence rule) {
        rule.fire(this::silence);
        changed.add(rule.key());
    }

    /** The sensors that a rule about silence names are waited for, also if they never send. */
    private void expectNamed(RuleVersion version) {
        if (!version.rule().isOfSilence()) {
            return;
        }
        for (String sensorId : version.rule().sensors().names()) {
            if (SavedStates.partitionOf(sensorId, partitions) == partition.partition() && sensors.of(sensorId).rule(version.ruleId()) instanceof WatchedSilence silence
                    && silence.isUndecided()) {
                silence.expectFrom(version.createdAt(), WatchedSilence.NONE);
                hasSeen = true;
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
                    changed.add(before.key());
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
        hasSeen = true;
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
                changed.add(rule.key());
            }
            if (rule instanceof WatchedSilence silence) {
                silence.expectFrom(WatchedSilence.NONE, WatchedSilence.NONE);
                hasSeen = true;
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
        hasSeen = true;
        changed.add(rule.key());
    }

    boolean hasChanged() {
        return hasSeen || !changed.isEmpty();
    }

    /** @return the states that have changed since they were last taken, as JSON; null where there is none any more */
    Map<SavedStates.Key, String> takeChanged() {
        Map<SavedStates.Key, String> states = new HashMap<>();
        changed.forEach(key -> states.put(key, state(key)));
        changed = new LinkedHashSet<>();
        return states;
    }

    /** @return the last records that rules about silence have seen, or null if that has not changed since they were last taken */
    Map<SavedStates.Key, SavedStates.Seen> takeSeen() {
        if (!hasSeen) {
            return null;
        }
        hasSeen = false;
        return sensors.silences().filter(rule -> !rule.isUndecided())
                .collect(Collectors.toMap(WatchedRule::key, rule -> new SavedStates.Seen(rule.seenAt(), rule.seenOffset())));
    }

    /** What was taken was not saved. */
    void giveBack(Checkpoint checkpoint) {
        changed.addAll(checkpoint.states().keySet());
        hasSeen |= checkpoint.seen() != null;
    }

    private String state(SavedStates.Key key) {
        WatchedSensor sensor = sensors.find(key.sensorId());
        if (sensor == null) {
            return null;
        }
        WatchedRule rule = sensor.rule(key.ruleId());
        Object state = key.ruleId() == SavedStates.CLOCK ? sensor.clock() : rule == null ? null : rule.save();
        return state == null ? null : AlertJson.write(state);
    }

    /** @return the sensors */
    WatchedSensors sensors() {
        return sensors;
    }
}
