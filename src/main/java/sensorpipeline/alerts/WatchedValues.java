package sensorpipeline.alerts;

import java.util.Locale;
import java.util.function.Supplier;
import sensorpipeline.rules.Condition;
import sensorpipeline.rules.SensorRule;
import sensorpipeline.rules.Transition;

/** A rule about the values of a sensor: of one metric, or with a condition. Not thread-safe. */
final class WatchedValues extends WatchedRule {

    private final SensorRule rule;

    WatchedValues(RuleVersion version, String sensorId, SavedRule saved) {
        super(version, sensorId, saved);
        rule = new SensorRule(version.rule(), sensorId, saved == null ? null : saved.rule());
    }

    /** @return whether a reading with this value changes nothing */
    boolean isQuietAt(double value) {
        return rule.isQuietAt(value);
    }

    /** @return whether a reading changes nothing for a rule with a condition */
    boolean isQuietAt(double[] values, int[] places) {
        return rule.isQuietAt(values, places);
    }

    /** @return the least value that changes nothing while there is no state */
    double quietFrom() {
        return rule.quietFrom();
    }

    /** @return the greatest such value */
    double quietTo() {
        return rule.quietTo();
    }

    /** @return whether a reading of this time changes nothing, because the last one is later */
    boolean isBeforeLast(long at) {
        return rule.isBeforeLast(at);
    }

    /**
     * Takes a reading that may change something.
     *
     * @param cause of what it changes
     * @return whether what has to be saved has changed; {@link Cause#tell} was called if the alert has
     */
    boolean read(Cause cause, String location, long at, double value) {
        return follow(cause, location, () -> rule.read(location, at, value));
    }

    /** Takes a reading that may change something, for a rule with a condition: otherwise like the other one. */
    boolean read(Cause cause, String location, long at, double[] values, int[] places) {
        return follow(cause, location, () -> rule.read(location, at, values, places));
    }

    private boolean follow(Cause cause, String location, Supplier<Transition> reading) {
        boolean hadState = rule.hasState();
        boolean wasWatching = rule.isWatching();
        Transition transition = reading.get();
        if (transition != null) {
            if (transition.kind() == Transition.Kind.FIRED) {
                fire(cause, Alert.fired(cause.alertId(version(), sensorId()), version(), sensorId(), location, transition), transition.at());
            } else {
                change(cause, alert().after(transition, version(), location, acknowledgedSeverity()), transition.kind().name().toLowerCase(Locale.ROOT), transition.at());
            }
        }
        if (!rule.hasState()) {
            forgetAlert();
        }
        return transition != null || wasWatching || rule.isWatching() || hadState != rule.hasState();
    }

    @Override
    SavedRule save() {
        return rule.hasState() ? new SavedRule(rule.save(), null, alert(), revision(), acknowledgedSeverity()) : null;
    }

    @Override
    SavedRule saveFor(RuleVersion next) {
        SavedRule saved = save();
        Condition before = version().rule().condition();
        boolean isOther = before != null && !before.text().equals(next.rule().condition().text());
        return saved == null || !isOther ? saved : new SavedRule(saved.rule().forOtherCondition(), null, saved.alert(), saved.revision(), saved.acknowledgedSeverity());
    }

    @Override
    boolean hasState() {
        return rule.hasState();
    }

    @Override
    void forget(long at) {
        rule.forget();
    }
}
