package sensorpipeline.alerts;

import java.util.concurrent.TimeUnit;
import sensorpipeline.reading.EventTime;

/**
 * A rule about a sensor that sends nothing, or nothing of a metric. It goes by Kafka's times: whether a record came in time can be told from the records alone, so that who evaluates them again
 * decides the same; the clock only tells earlier that none has come. Not thread-safe.
 */
final class WatchedSilence extends WatchedRule {

    /** In place of an offset: no record was seen yet. */
    static final long NONE = -1;

    private final long limit;
    /** When Kafka received the last record, in milliseconds since 1970; {@link #NONE} if the sensor is not waited for. */
    private long seenAt = NONE;
    private long seenOffset = NONE;

    WatchedSilence(RuleVersion version, String sensorId, SavedRule saved) {
        super(version, sensorId, saved);
        limit = TimeUnit.MICROSECONDS.toMillis(version.rule().silentFor());
    }

    long seenAt() {
        return seenAt;
    }

    long seenOffset() {
        return seenOffset;
    }

    /** @return when the sensor will have been silent for too long, in milliseconds since 1970; {@link Long#MAX_VALUE} if that is not expected */
    long deadline() {
        return seenAt == NONE || isFiring() ? Long.MAX_VALUE : seenAt + limit;
    }

    /** The sensor is waited for from a time on. */
    void expectFrom(long time, long offset) {
        seenAt = time;
        seenOffset = offset;
    }

    private boolean isFiring() {
        return alert() != null;
    }

    /**
     * Takes a record of the sensor, with the metric if the rule names one.
     *
     * @param cause of what ends with it
     * @param received when Kafka received it, in milliseconds since 1970
     * @param silence makes the cause of an alert about what was before
     * @return whether the alert has changed
     */
    boolean see(Cause cause, long received, long offset, SilenceCause silence) {
        boolean wasSilent = isFiring() || received > deadline();
        if (wasSilent) {
            if (!isFiring()) {
                fire(silence);
            }
            long at = TimeUnit.MILLISECONDS.toMicros(received);
            change(cause, alert().clearedAt(EventTime.text(at)), "cleared", at);
            forgetAlert();
        }
        // Clocks of brokers differ.
        seenAt = Math.max(seenAt, received);
        seenOffset = offset;
        return wasSilent;
    }

    /** Nothing has come before the deadline. */
    void fire(SilenceCause silence) {
        Cause cause = silence.of(seenAt, seenOffset);
        long at = TimeUnit.MILLISECONDS.toMicros(seenAt + limit);
        fire(cause, Alert.silent(cause.alertId(version()), version(), sensorId(), TimeUnit.MILLISECONDS.toMicros(seenAt), at), at);
    }

    /** Makes the cause of an alert about silence. */
    interface SilenceCause {
        /** @return the cause, made of the last record before the silence */
        Cause of(long seenAt, long seenOffset);
    }

    @Override
    SavedRule save() {
        return isFiring() ? new SavedRule(null, alert(), revision(), acknowledgedSeverity()) : null;
    }

    @Override
    boolean hasState() {
        return isFiring();
    }

    @Override
    void forget(long at) {
        seenAt = TimeUnit.MICROSECONDS.toMillis(at);
    }
}
