package sensorpipeline.alerts;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import sensorpipeline.reading.EventTime;
import sensorpipeline.rules.Condition;
import sensorpipeline.rules.QuietReadings;
import sensorpipeline.rules.SavedState;
import sensorpipeline.rules.SensorRule;
import sensorpipeline.rules.Severity;
import sensorpipeline.rules.Transition;

/**
 * A rule about the values of a sensor: of one metric, or with a condition. If it is latched, an alert that nobody has acknowledged outlasts its condition, and does not become less severe. Not thread-safe.
 */
final class WatchedValues extends WatchedRule {

    /** After this time and the span of a rate, in milliseconds, no reading that is in time could be compared with what is kept. */
    private static final long STALE = TimeUnit.MINUTES.toMillis(10);

    private final SensorRule rule;
    /** When Kafka received the last reading that is kept, in milliseconds since 1970. */
    private long keptAt;

    WatchedValues(RuleVersion version, String sensorId, SavedRule saved) {
        super(version, sensorId, saved);
        rule = new SensorRule(version.rule(), sensorId, saved == null ? null : saved.rule(), saved == null || saved.kept() == null ? List.of() : saved.kept());
        keptAt = saved == null ? 0 : saved.keptAt();
    }

    /** @return whether it compares how fast values change, which depends on readings before */
    boolean isAboutRate() {
        return version().rule().rate() > 0;
    }

    /**
     * @param received when Kafka received a reading, in milliseconds since 1970
     * @param at its time, in microseconds since 1970 UTC
     * @return whether it changes nothing
     */
    boolean isQuietAt(long received, long at, double value) {
        return !isStale(received) && rule.isQuietAt(at, value);
    }

    private boolean isStale(long received) {
        return isAboutRate() && received > staleAfter();
    }

    private long staleAfter() {
        return keptAt + TimeUnit.MICROSECONDS.toMillis(version().rule().rate()) + STALE;
    }

    private boolean hasKept() {
        return rule.lastKeptAt() != Long.MIN_VALUE;
    }

    /**
     * Retains readings that surely change nothing, for a rule about a rate, as long as it takes no other one.
     *
     * @param at near which their times are, in microseconds since 1970 UTC
     */
    void retainQuiet(QuietReadings quiet, long at) {
        quiet.receivedUntil(staleAfter());
        rule.retainQuiet(quiet, at);
    }

    /**
     * Forgets what is kept of a sensor that has not sent for long. As that is done before each reading, it does not matter if it was done earlier.
     *
     * @param received when Kafka received the present reading, in milliseconds since 1970
     * @return whether there was anything
     */
    boolean forgetStale(long received) {
        if (!hasKept() || !isStale(received)) {
            return false;
        }
        rule.forgetKept();
        return true;
    }

    /** @return whether a reading changes nothing for a rule with a condition */
    boolean isQuietAt(double[] values, int[] places) {
        return rule.isQuietAt(values, places);
    }

    /** @return whether a reading of this time changes nothing, because the last one is later */
    boolean isBeforeLast(long at) {
        return rule.isBeforeLast(at);
    }

    /**
     * Takes a reading from a location to which the rule does not apply, which need not have its metrics. It changes nothing if it is before the last one.
     *
     * @param cause of what it ends
     * @return whether what has to be saved has changed
     */
    boolean leave(Cause cause, long at) {
        return follow(cause, alert() == null ? null : alert().location(), () -> rule.leave(at));
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
        long lastKeptAt = rule.lastKeptAt();
        boolean hadState = rule.hasState();
        boolean wasWatching = rule.isWatching();
        Transition transition = reading.get();
        if (transition != null) {
            follow(cause, location, transition);
        }
        boolean hasKept = rule.lastKeptAt() != lastKeptAt;
        keptAt = hasKept ? cause.receivedAt() : keptAt;
        forgetFinishedAlert();
        return hasKept || transition != null || wasWatching || rule.isWatching() || hadState != rule.hasState();
    }

    private void follow(Cause cause, String location, Transition transition) {
        if (isLatched()) {
            Transition worst = transition.atLeast(Severity.of(alert().severity()));
            change(cause, alert().after(worst, version(), location, acknowledgedSeverity()), "resumed", transition.at());
        } else if (transition.kind() == Transition.Kind.FIRED) {
            fire(cause, Alert.fired(cause.alertId(version(), sensorId()), version(), sensorId(), location, transition), transition.at());
        } else if (!isHeld()) {
            change(cause, alert().after(transition, version(), location, acknowledgedSeverity()), transition.kind().name().toLowerCase(Locale.ROOT), transition.at());
        } else if (transition.kind() == Transition.Kind.CLEARED) {
            change(cause, alert().keptOpen(transition), "latched", transition.at());
        } else if (transition.severity().compareTo(Severity.of(alert().severity())) > 0) {
            change(cause, alert().after(transition, version(), location, acknowledgedSeverity()), "changed", transition.at());
        }
    }

    /** @return whether the condition of the alert is over, and it waits to be acknowledged */
    private boolean isLatched() {
        return alert() != null && alert().latched();
    }

    /** @return whether the alert stays as it is until it is acknowledged */
    private boolean isHeld() {
        return version().rule().isLatched() && alert().isFiring() && alert().acknowledged() == null;
    }

    private void forgetFinishedAlert() {
        if (!rule.hasState() && !isLatched()) {
            forgetAlert();
        }
    }

    @Override
    void release(Cause cause, long at) {
        if (isLatched()) {
            change(cause, alert().clearedAt(EventTime.text(at)), "cleared", at);
            forgetFinishedAlert();
        } else if (rule.isOpen() && rule.severity() != Severity.of(alert().severity())) {
            change(cause, alert().withSeverity(rule.severity()), "changed", at);
        }
    }

    @Override
    SavedRule save() {
        return hasState() ? new SavedRule(rule.save(), hasKept() ? rule.kept() : null, keptAt, null, alert(), revision(), acknowledgedSeverity()) : null;
    }

    @Override
    SavedRule saveFor(RuleVersion next) {
        SavedRule saved = save();
        if (saved == null || saved.rule() == null) {
            return saved;
        }
        Condition before = version().rule().condition();
        boolean isOther = before != null && !before.text().equals(next.rule().condition().text());
        SavedState state = isOther ? saved.rule().forOtherCondition() : saved.rule().forOtherLevels(version().rule(), next.rule());
        return new SavedRule(state, isOther ? null : saved.kept(), isOther ? 0 : saved.keptAt(), null, saved.alert(), saved.revision(), saved.acknowledgedSeverity());
    }

    @Override
    boolean hasState() {
        return rule.hasState() || isLatched() || hasKept();
    }

    @Override
    void forget(long at) {
        rule.forget();
    }
}
