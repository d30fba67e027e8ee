package sensorpipeline.alerts;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import sensorpipeline.reading.EventTime;
import sensorpipeline.rules.SilenceRule;
import sensorpipeline.rules.Transition;

/** A rule about a sensor that sends nothing, or nothing of a metric, and its alert: {@link SilenceRule} decides. Not thread-safe. */
final class WatchedSilence extends WatchedRule {

    /** In place of an offset or a time: no record was seen yet. */
    static final long NONE = SilenceRule.NONE;

    private final SilenceRule rule;
    private final long limit;
    private long seenOffset = NONE;
    /** Where the sensor was, as far as it has told: an alert about silence is of there, too. */
    private String location;
    /** Whether it was decided that the sensor is not waited for until it sends, although the rule names it. */
    private boolean isDismissed;

    WatchedSilence(RuleVersion version, String sensorId, SavedRule saved) {
        super(version, sensorId, saved);
        limit = version.rule().silentFor();
        rule = saved == null ? new SilenceRule(version.rule(), version.changedAt())
                : new SilenceRule(version.rule(), version.changedAt(), saved.silence(), saved.alert().isFiring(), saved.alert().flapping());
    }

    /** @return when Kafka received the last record, in milliseconds since 1970; {@link #NONE} if the sensor is not waited for */
    long seenAt() {
        return rule.seenAt();
    }

    long seenOffset() {
        return seenOffset;
    }

    /** @return until when nothing happens unless the sensor sends, in milliseconds since 1970; {@link Long#MAX_VALUE} if nothing ever does */
    long deadline() {
        return rule.deadline();
    }

    /** @return when the schedule clears the open alert, in milliseconds since 1970; {@link Long#MAX_VALUE} if it does not */
    long endsAt() {
        return rule.endsAt();
    }

    /** @return the last record, as it is saved */
    SavedStates.Seen seen() {
        return new SavedStates.Seen(seenAt(), seenOffset, location);
    }

    /** Goes on with the last record that was seen. */
    void expectFrom(SavedStates.Seen seen) {
        expectFrom(seen.at(), seen.offset());
        location = seen.location();
    }

    /** The sensor is waited for from a time on; with {@link #NONE}, not until it sends. */
    void expectFrom(long time, long offset) {
        rule.expectFrom(time);
        seenOffset = offset;
        isDismissed = time == NONE;
    }

    /** @return whether the sensor is not waited for, and that has not been decided */
    boolean isUndecided() {
        return seenAt() == NONE && !isDismissed;
    }

    /**
     * Takes a record of the sensor, with the metric if the rule names one.
     *
     * @param cause of what ends with it
     * @param received when Kafka received it, in milliseconds since 1970
     * @param told location of the reading, or null
     * @param silence makes the cause of what was before
     * @return whether what has to be saved has changed
     */
    boolean see(Cause cause, long received, long offset, String told, SilenceCause silence) {
        boolean hasChanged = advance(received, silence);
        location = told == null ? location : told;
        boolean changes = rule.see(received, over -> change(cause, alert().clearedAt(EventTime.text(over.at())), "cleared", over.at()));
        if (!rule.hasAlert()) {
            forgetAlert();
        }
        seenOffset = offset;
        isDismissed = false;
        return hasChanged || changes;
    }

    /**
     * Takes a record from a location to which the rule does not apply: its alert is over, and the sensor is not waited for until it is back.
     *
     * @param cause of what ends with it
     * @param received when Kafka received it, in milliseconds since 1970
     * @param silence makes the cause of what was before
     * @return whether anything has changed
     */
    boolean leave(Cause cause, long received, SilenceCause silence) {
        if (seenAt() == NONE && alert() == null) {
            return false;
        }
        advance(received, silence);
        clear(cause, TimeUnit.MILLISECONDS.toMicros(received));
        expectFrom(NONE, NONE);
        return true;
    }

    /**
     * The sensor has sent nothing up to a time.
     *
     * @param time in milliseconds since 1970
     * @param silence makes the cause of what that changes
     * @return whether it changes anything
     */
    boolean advance(long time, SilenceCause silence) {
        return rule.advance(time, transition -> follow(transition, silence));
    }

    private void follow(Transition transition, SilenceCause silence) {
        if (transition.kind() == Transition.Kind.CLEARED) {
            change(cause(silence, transition.at()), alert().clearedAt(EventTime.text(transition.at())), "cleared", transition.at());
            return;
        }
        Cause cause = cause(silence, transition.at() - limit);
        if (transition.kind() == Transition.Kind.FIRED) {
            fire(cause, Alert.silent(cause.alertId(version(), sensorId()), version(), sensorId(), location, transition), transition.at());
        } else {
            change(cause, alert().reopened(transition), transition.kind().name().toLowerCase(Locale.ROOT), transition.at());
        }
    }

    private Cause cause(SilenceCause silence, long microseconds) {
        return silence.of(TimeUnit.MICROSECONDS.toMillis(microseconds), seenOffset);
    }

    /** Makes the cause of what silence changes. */
    interface SilenceCause {
        /**
         * @param time when waiting began, which is that of the last record unless the rule has a schedule; or when a span of the schedule ended
         * @param seenOffset of the last record before
         * @return the cause
         */
        Cause of(long time, long seenOffset);
    }

    @Override
    SavedRule save() {
        return hasState() ? new SavedRule(null, null, 0, rule.save(), alert(), revision(), acknowledgedSeverity()) : null;
    }

    @Override
    boolean hasState() {
        return alert() != null;
    }

    @Override
    void forget(long at) {
        rule.forget(TimeUnit.MICROSECONDS.toMillis(at));
    }
}
