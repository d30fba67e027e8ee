package sensorpipeline.rules;

/** Readings of one metric that surely change nothing for some rules: so most readings cost a few comparisons, however many rules there are. Not thread-safe. */
public final class QuietReadings {

    private long from = Long.MIN_VALUE;
    private long until = Long.MAX_VALUE;
    private long receivedUntil = Long.MAX_VALUE;
    private double low = Double.NEGATIVE_INFINITY;
    private double high = Double.POSITIVE_INFINITY;

    /**
     * @param received when Kafka received a reading, in milliseconds since 1970
     * @param at its time, in microseconds since 1970 UTC
     * @param value of the metric
     * @return whether it surely changes nothing
     */
    public boolean contain(long received, long at, double value) {
        return value >= low && value <= high && at >= from && at < until && received <= receivedUntil;
    }

    /** @param last when Kafka received the last of them, in milliseconds since 1970 */
    public void receivedUntil(long last) {
        receivedUntil = Math.min(receivedUntil, last);
    }

    /** None changes nothing. */
    void removeAll() {
        until = Long.MIN_VALUE;
    }

    /** Removes those that are not of times from the first on, and before the second, in microseconds since 1970 UTC. */
    void retainTimes(long first, long end) {
        from = Math.max(from, first);
        until = Math.min(until, end);
    }

    /** Removes those whose values are not from the least to the greatest. */
    void retainValues(double least, double greatest) {
        low = Math.max(low, least);
        high = Math.min(high, greatest);
    }
}
