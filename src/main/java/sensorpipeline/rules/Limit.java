package sensorpipeline.rules;

import java.math.BigDecimal;
import sensorpipeline.reading.Reading;

/**
 * The values that breach a rule, and those that end the breach: with hysteresis, a value between the two does neither. What has no bound is infinite.
 *
 * @param low values below breach it
 * @param high values above breach it
 * @param clearAbove a value ends the breach only if it is above this as well
 * @param clearBelow a value ends the breach only if it is below this as well
 */
record Limit(double low, double high, double clearAbove, double clearBelow) {

    /** No value breaches it. */
    static final Limit NONE = new Limit(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    /** Breached by 1, which stands for a condition that is met, and not by 0, for one that is not. */
    static final Limit CONDITION = new Limit(Double.NEGATIVE_INFINITY, 0, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    boolean isBreachedBy(double value) {
        return value < low || value > high;
    }

    boolean isClearedBy(double value) {
        return !isBreachedBy(value) && value > clearAbove && value < clearBelow;
    }

    /** @return whether values breach the other limit before they breach this one, as far as both have bounds on the same side */
    boolean isBeyond(Limit other) {
        return (Double.isInfinite(high) || Double.isInfinite(other.high) || high > other.high) && (Double.isInfinite(low) || Double.isInfinite(other.low) || low < other.low);
    }

    /** @return this limit for a sensor that has one of its own; hysteresis stays as wide. It must have exactly one bound */
    Limit movedTo(double bound) {
        return Double.isFinite(high) ? new Limit(low, bound, clearAbove, moved(clearBelow, high, bound)) : new Limit(bound, high, moved(clearAbove, low, bound), clearBelow);
    }

    /** In decimals, because the next number below or above would be another limit. */
    private static double moved(double number, double from, double to) {
        return Double.isInfinite(number) ? number : BigDecimal.valueOf(number).add(BigDecimal.valueOf(to)).subtract(BigDecimal.valueOf(from)).doubleValue();
    }

    /** @return why a value breaches it, such as "above 140" */
    String describe(double value) {
        return value > high ? "above " + Reading.text(high) : "below " + Reading.text(low);
    }
}
