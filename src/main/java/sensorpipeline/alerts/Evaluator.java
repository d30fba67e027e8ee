package sensorpipeline.alerts;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.kafka.PolledRecords;
import sensorpipeline.reading.EventTime;
import sensorpipeline.reading.PlausibleValues;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.RefusedReading;

/** Evaluates the records of one partition in their order, and changes between them: what it decides depends on nothing else. Not thread-safe. */
final class Evaluator {

    private static final Logger LOG = LoggerFactory.getLogger(Evaluator.class);

    /** A clock that is fast must not make later readings, with a better time, look old. */
    private static final long MOST_AHEAD = TimeUnit.MINUTES.toMicros(1);
    /** How often, by Kafka's times, what is kept of sensors that have stopped sending is forgotten. */
    private static final long FORGETTING = TimeUnit.MINUTES.toMillis(10);
    /** By which Kafka's times may differ, in milliseconds. */
    private static final long DIFFERENCE = TimeUnit.MINUTES.toMillis(1);

    private final TopicPartition partition;
    private final String tenant;
    private final Consumer<OutgoingTransition> outgoing;
    private final WatchedSensors sensors;
    private final UnsavedStates unsaved;
    private final SilenceWatch silence;
    private final MovingSensors moving;
    private long forgottenAt;
    /** Null if the tenant has declared none. */
    private PlausibleValues plausible;

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
        this.outgoing = outgoing;
        sensors = new WatchedSensors(saved);
        unsaved = new UnsavedStates(sensors);
        silence = new SilenceWatch(partition, tenant, partitions, saved, sensors, unsaved, outgoing);
        moving = new MovingSensors(partition, tenant, sensors, unsaved, silence, outgoing);
        plausible = saved.plausible().isEmpty() ? null : new PlausibleValues(saved.plausible());
    }

    /** Evaluates the plausible values of a reading; readings of a partition must come in the order of their records. */
    void evaluate(ConsumerRecord<?, ?> record, Reading reading) {
        try {
            evaluatePlausible(record, plausible == null ? reading : plausible.check(reading));
        } catch (RefusedReading e) {
            LOG.debug("No reading, which the store makes a dead letter: {}", e.getMessage());
        }
    }

    private void evaluatePlausible(ConsumerRecord<?, ?> record, Reading reading) {
        WatchedSensor sensor = sensors.of(reading.series().sensorId());
        String location = reading.series().location();
        sensor.arrive();
        boolean isElsewhere = sensor.isElsewhere(location);
        if (isElsewhere) {
            silence.leave(sensor, cause(record), PolledRecords.receivedAt(record), location);
        }
        for (WatchedSilence rule : sensor.silencesOf(reading.metrics())) {
            see(record, rule, location);
        }
        long receivedAt = PolledRecords.receivedAt(record);
        forgetStale(receivedAt);
        long received = TimeUnit.MILLISECONDS.toMicros(receivedAt);
        long at = Math.min(reading.at(), received + MOST_AHEAD);
        if (sensor.compareClocks(received, at)) {
            unsaved.add(new SavedStates.Key(sensor.id(), SavedStates.CLOCK));
            sensors.newest().change();
        }
        if (sensor.isLate(received, at)) {
            if (sensor.hasRulesAboutValues()) {
                addLate(record, sensor.id(), at);
            }
            return;
        }
        if (isElsewhere) {
            leave(record, sensor, location, at);
        }
        NewestTimes.OfMetric[] watched = sensor.watchedOf(reading.metrics());
        if (watched.length > 0) {
            evaluateValues(record, reading, sensor, at, sensors.newest().advance(sensor, watched, location, received, at));
        }
    }

    /** Ends the alerts of rules that do not apply to the location of a reading, which need not have their metrics. */
    private void leave(ConsumerRecord<?, ?> record, WatchedSensor sensor, String location, long at) {
        boolean isNewest = true;
        for (WatchedValues rule : sensor.rulesNotFor(location)) {
            isNewest &= !rule.isBeforeLast(at);
            if (rule.leave(cause(record), at)) {
                unsaved.add(rule.key());
            }
            if (!rule.hasState()) {
                sensor.remove(rule);
            }
        }
        if (isNewest) {
            sensor.moveTo(location);
        }
    }

    /** @param isPartlyOld whether newer readings have come of some of its metrics */
    private void evaluateValues(ConsumerRecord<?, ?> record, Reading reading, WatchedSensor sensor, long at, boolean isPartlyOld) {
        long receivedAt = PolledRecords.receivedAt(record);
        RulesOfMetric[] ofMetrics = sensor.valuesOf(reading.metrics());
        NewestTimes.OfMetric[] newest = sensor.newestTimesOf(reading.metrics());
        boolean isOwnTime = at == reading.at();
        for (int i = 0; i < ofMetrics.length; i++) {
            double value = reading.values()[i];
            if (ofMetrics[i].areQuietAt(receivedAt, at, value)) {
                continue;
            }
            if (isPartlyOld && newest[i].isAfter(at)) {
                addLate(record, sensor.id(), at);
            } else if (!(isOwnTime && newest[i].isRepeated())) {
                List<WatchedValues> concerned = ofMetrics[i].concerned(value);
                for (WatchedValues rule : concerned) {
                    if (!rule.isQuietAt(receivedAt, at, value)) {
                        evaluate(record, rule, reading.series().location(), at, value);
                    }
                }
                ofMetrics[i].update(concerned, at);
            }
        }
        for (ConditionOfReading condition : sensor.conditionsOf(reading.metrics())) {
            WatchedValues rule = condition.concerned(sensor, reading);
            if (rule == null) {
                continue;
            }
            if (isPartlyOld && condition.isOld(newest, at)) {
                addLate(record, sensor.id(), at);
            } else if (!(isOwnTime && condition.isRepeated(newest)) && applies(record, rule, at)) {
                if (condition.read(rule, cause(record), at, reading)) {
                    unsaved.add(rule.key());
                }
                sensor.keepOrDrop(rule);
            }
        }
    }

    private void forgetStale(long receivedAt) {
        if (receivedAt - forgottenAt < FORGETTING) {
            return;
        }
        forgottenAt = receivedAt;
        for (WatchedSensor sensor : sensors.all()) {
            sensor.forgetStale(receivedAt - DIFFERENCE).forEach(rule -> unsaved.add(rule.key()));
        }
    }

    private void evaluate(ConsumerRecord<?, ?> record, WatchedValues rule, String location, long at, double value) {
        if (applies(record, rule, at) && rule.read(cause(record), location, at, value)) {
            unsaved.add(rule.key());
        }
    }

    private boolean applies(ConsumerRecord<?, ?> record, WatchedValues rule, long at) {
        long received = PolledRecords.receivedAt(record);
        rule.forgetStale(received);
        if (rule.isBeforeLast(at)) {
            addLate(record, rule.sensorId(), at);
            return false;
        }
        return received >= rule.version().createdAt();
    }

    /** It makes no alert now, but an evaluation of what is stored. */
    private void addLate(ConsumerRecord<?, ?> record, String sensorId, long at) {
        unsaved.late().add(sensorId, at, TimeUnit.MILLISECONDS.toMicros(PolledRecords.receivedAt(record)));
    }

    private void see(ConsumerRecord<?, ?> record, WatchedSilence rule, String location) {
        long received = PolledRecords.receivedAt(record);
        if (received >= rule.version().createdAt() && rule.version().rule().locations().match(location)) {
            silence.see(rule, cause(record), received, record.offset(), location);
        }
    }

    private Cause cause(ConsumerRecord<?, ?> record) {
        return new Cause(tenant, partition.partition() + "-" + record.offset() + "-" + record.timestamp(), PolledRecords.receivedAt(record), outgoing);
    }

    /** Applies a change of the tenant to all readings from the present one on. */
    void apply(Change change) {
        Cause cause = new Cause(tenant, "change-" + change.id(), 0, outgoing);
        switch (change.kind()) {
            case "rule" -> applyRule(cause, change);
            case "metric" -> plausible = change.metric().addTo(plausible);
            case "retire" -> retire(cause, change);
            default -> applyToAlert(cause, change);
        }
    }

    private void applyRule(Cause cause, Change change) {
        RuleVersion version = change.version();
        sensors.setRule(change.ruleId(), version);
        for (WatchedSensor sensor : sensors.all()) {
            WatchedRule before = sensor.rule(change.ruleId());
            if (before == null && (version == null || !version.rule().isOfSilence())) {
                continue;
            }
            boolean applies = version != null && version.rule().sensors().match(sensor.id());
            boolean continues = before != null && applies && before.version().rule().isAboutTheSameAs(version.rule());
            if (before != null) {
                if (before.hasState()) {
                    unsaved.add(before.key());
                    if (!continues || before instanceof WatchedSilence && !version.rule().spanFrom(change.at().toEpochMilli()).contains(change.at().toEpochMilli())) {
                        before.clear(cause, change.micros());
                    } else if (!version.rule().isLatched()) {
                        before.release(cause, change.micros());
                    }
                }
                sensor.remove(before);
            }
            if (applies) {
                WatchedRule after = WatchedRule.of(version, sensor.id(), continues ? before.saveFor(version) : null);
                if (continues && before instanceof WatchedSilence seen) {
                    ((WatchedSilence) after).expectFrom(seen.seen());
                }
                if (after.hasState() || version.rule().isOfSilence()) {
                    sensor.add(after);
                }
            }
        }
        unsaved.see();
        silence.begin();
        if (version != null) {
            silence.expectNamed(version);
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
            if (rule instanceof WatchedSilence awaited) {
                awaited.expectFrom(WatchedSilence.NONE, WatchedSilence.NONE);
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
            case "acknowledge" -> rule.acknowledge(cause, new Alert.Acknowledgement(change.by(), EventTime.text(change.micros()), change.comment()), change.severity(), change.micros());
            case "shelve" -> rule.shelve(cause, change.until() == null ? null : EventTime.text(EventTime.micros(change.until())), change.severity(), change.micros());
            default -> rule.clear(cause, change.by(), change.micros());
        }
        silence.begin();
        unsaved.see();
        unsaved.add(rule.key());
    }

    /** @return what takes in and forgets sensors that change their partition */
    MovingSensors moving() {
        return moving;
    }

    /** @return what watches sensors that may be silent */
    SilenceWatch silence() {
        return silence;
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
