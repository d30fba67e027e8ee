package sensorpipeline.alerts;

import java.util.Locale;
import sensorpipeline.rules.SensorRule;
import sensorpipeline.rules.Transition;

/** A rule about the values of a sensor. Not thread-safe. */
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

    /** @return the least value that changes nothing while there is no state */
    double quietFrom() {
        return rule.quietFrom();
    }

    /** @return the greatest such value */
    double quietTo() {
        return rule.quietTo();
    }

    /**
     * Takes a reading that may change something.
     *
     * @param cause of what it changes
     * @return whether what has to be saved has changed; {@link Cause#tell} was called if the alert has
     */
    boolean read(Cause cause, String location, long at, double value) {
        boolean hadState = rule.hasState();
        boolean wasWatching = rule.isWatching();
        Transition transition = rule.read(location, at, value);
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
    boolean hasState() {
        return rule.hasState();
    }

    @Override
    void forget(long at) {
        rule.forget();
    }
}
