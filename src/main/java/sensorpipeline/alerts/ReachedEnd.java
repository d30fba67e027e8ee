package sensorpipeline.alerts;

/** Up to when all records of a partition are evaluated. Where records come all the time, its end is never reached, but an earlier one is. Not thread-safe. */
final class ReachedEnd {

    private long evaluatedUntil;
    /** The end in Kafka at a time, up to which it is not evaluated yet; the time is 0 if there is none. */
    private long end;
    private long endedAt;

    /**
     * @param time in milliseconds since 1970, by this program's clock
     * @param offset that Kafka's next record had, at that time or a little later
     */
    void compare(long time, long offset) {
        if (endedAt == 0) {
            endedAt = time;
            end = offset;
        }
    }

    /** @param next offset of the first record that is not evaluated */
    void reach(long next) {
        if (endedAt > 0 && next >= end) {
            evaluatedUntil = endedAt;
            endedAt = 0;
        }
    }

    /** @return by this program's clock, in milliseconds since 1970 */
    long evaluatedUntil() {
        return evaluatedUntil;
    }
}
