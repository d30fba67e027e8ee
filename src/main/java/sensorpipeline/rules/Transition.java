package sensorpipeline.rules;

/**
 * What a reading changed in the alert of a rule and sensor.
 *
 * @param kind of the change
 * @param at the reading's time, in microseconds since 1970 UTC
 * @param startedAt when the condition that the alert fired for began, in the same unit
 * @param value that was compared with the limit; of a rule with a condition, 1 if that is met, or else 0
 * @param severity from now on; of a cleared alert, the last one
 * @param isFlapping whether the alert has come and gone, and stays open until its condition has been over for five minutes
 * @param reason what the value is, such as "above 140", or the values that meet a condition; null for a cleared alert
 */
public record Transition(Kind kind, long at, long startedAt, double value, Severity severity, boolean isFlapping, String reason) {

    /** @return the same transition for another reason */
    Transition because(String other) {
        return new Transition(kind, at, startedAt, value, severity, isFlapping, other);
    }

    /** @return the same transition with this severity, if that is higher: the value is then none that explains it */
    public Transition atLeast(Severity other) {
        return severity.compareTo(other) >= 0 ? this : new Transition(kind, at, startedAt, value, other, isFlapping, null);
    }

    /** Kinds of changes. */
    public enum Kind {
        /** A new alert. */
        FIRED,
        /** Another severity. */
        CHANGED,
        /** The alert that was cleared lately fires again. */
        REOPENED,
        /** The condition is over. */
        CLEARED
    }
}
