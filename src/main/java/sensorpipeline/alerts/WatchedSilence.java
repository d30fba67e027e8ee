package sensorpipeline.alerts;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import sensorpipeline.reading.EventTime;
import sensorpipeline.rules.AlertRule;

/**
 * A rule about a sensor that sends nothing, or nothing of a metric. It goes by Kafka's times: whether a record came in time can be told from the records alone, so that who evaluates them again
 * decides the same; the clock only tells earlier that none has come. As with values, silence that comes back soon is the same alert, which may be flapping. Not thread-safe.
 */
final class WatchedSilence extends WatchedRule {

    /** In place of an offset or a time: no record was seen yet. */
    static final long NONE = -1;

    private static final long CALM = AlertRule.CALM.toMillis();
    private static final long FLAPPING_SPAN = AlertRule.FLAPPING_SPAN.toMillis();

    private final long limit;
    /** When the alert fired last, the oldest first. */
    private final Deque<Long> firings = new ArrayDeque<>();
    /** When Kafka received the last record, in milliseconds since 1970; {@link #NONE} if the sensor is not waited for. */
    private long seenAt = NONE;
    private long seenOffset = NONE;
    /** Whether it was decided that the sensor is not waited for until it sends, although the rule names it. */
    private boolean isDismissed;
    private boolean isSilent;
    /** When the last silence ended. */
    private long overSince = NONE;

    /**
     * What is kept beside the alert.
     *
     * @param isSilent whether the sensor is silent
     * @param overSince when the last silence ended, in milliseconds since 1970, or {@link #NONE}
     * @param firings when the alert fired last, in the same unit
     */
    record Saved(boolean isSilent, long overSince, List<Long> firings) {
    }

    WatchedSilence(RuleVersion version, String sensorId, SavedRule saved) {
        super(version, sensorId, saved);
        limit = TimeUnit.MICROSECONDS.toMillis(version.rule().silentFor());
        if (saved != null) {
            isSilent = saved.silence().isSilent();
            overSince = saved.silence().overSince();
            firings.addAll(saved.silence().firings());
        }
    }

    long seenAt() {
        return seenAt;
    }

    long seenOffset() {
        return seenOffset;
    }

    /** @return when the sensor will have been silent for too long, in milliseconds since 1970; {@link Long#MAX_VALUE} if that is not expected */
    long deadline() {
        return seenAt == NONE || isSilent ? Long.MAX_VALUE : seenAt + limit;
    }

    /** The sensor is waited for from a time on; with {@link #NONE}, not until it sends. */
    void expectFrom(long time, long offset) {
        seenAt = time;
        seenOffset = offset;
        isDismissed = time == NONE;
    }

    /** @return whether the sensor is not waited for, and that has not been decided */
    boolean isUndecided() {
        return seenAt == NONE && !isDismissed;
    }

    /**
     * Takes a record of the sensor, with the metric if the rule names one.
     *
     * @param cause of what ends with it
     * @param received when Kafka received it, in milliseconds since 1970
     * @param silence makes the cause of an alert about what was before
     * @return whether what has to be saved has changed
     */
    boolean see(Cause cause, long received, long offset, SilenceCause silence) {
        if (received > deadline()) {
            fire(silence);
        }
        boolean changes = isSilent || hasState() && received - overSince > CALM;
        if (changes) {
            endSilence(cause, received);
        }
        // Clocks of brokers differ.
        seenAt = Math.max(seenAt, received);
        seenOffset = offset;
        isDismissed = false;
        return changes;
    }

    private void endSilence(Cause cause, long received) {
        boolean isCalm = !isSilent;
        if (isSilent) {
            isSilent = false;
            overSince = received;
        }
        if (alert().isFiring() && (isCalm || !alert().flapping())) {
            long at = TimeUnit.MILLISECONDS.toMicros(received);
            change(cause, alert().clearedAt(EventTime.text(at)), "cleared", at);
        }
        if (isCalm) {
            forgetAlert();
            firings.clear();
        }
    }

    /** Nothing has come before the deadline. */
    void fire(SilenceCause silence) {
        long fired = seenAt + limit;
        long at = TimeUnit.MILLISECONDS.toMicros(fired);
        Cause cause = silence.of(seenAt, seenOffset);
        isSilent = true;
        firings.add(fired);
        if (firings.size() > AlertRule.FLAPPING_FIRINGS) {
            firings.remove();
        }
        boolean isFlapping = firings.size() == AlertRule.FLAPPING_FIRINGS && fired - firings.peek() <= FLAPPING_SPAN;
        if (alert() == null || seenAt - overSince > CALM && !alert().isFiring()) {
            firings.clear();
            firings.add(fired);
            fire(cause, Alert.silent(cause.alertId(version(), sensorId()), version(), sensorId(), TimeUnit.MILLISECONDS.toMicros(seenAt), at), at);
        } else if (!alert().isFiring()) {
            change(cause, alert().reopened(isFlapping), "reopened", at);
        }
    }

    /** Makes the cause of an alert about silence. */
    interface SilenceCause {
        /** @return the cause, made of the last record before the silence */
        Cause of(long seenAt, long seenOffset);
    }

    @Override
    SavedRule save() {
        return hasState() ? new SavedRule(null, new Saved(isSilent, overSince, List.copyOf(firings)), alert(), revision(), acknowledgedSeverity()) : null;
    }

    @Override
    boolean hasState() {
        return alert() != null;
    }

    @Override
    void forget(long at) {
        seenAt = TimeUnit.MICROSECONDS.toMillis(at);
        isSilent = false;
        overSince = NONE;
        firings.clear();
    }
}
