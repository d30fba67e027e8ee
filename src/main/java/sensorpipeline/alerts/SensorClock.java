package sensorpipeline.alerts;

/**
 * Tells late readings from those of a clock that is slow. A reading is late if Kafka received it more than five minutes after the device's time, as after an outage of a network. A clock that
 * is slow, or has the wrong time zone, also looks like this, but it advances as fast as Kafka's, while what was kept during an outage arrives faster: so once both have advanced
 * equally for a minute, its readings are not late. All times are in microseconds since 1970 UTC. Immutable.
 *
 * @param received when Kafka received a reading that the next ones are compared with
 * @param at the device's time of it
 * @param isSlow whether the clock is slow
 */
record SensorClock(long received, long at, boolean isSlow) {

    private static final long MINUTE = 60_000_000;
    private static final long LATE = 5 * MINUTE;
    /** How far both times may drift apart. */
    private static final long EQUAL = MINUTE / 2;
    private static final long PROOF = MINUTE;
    /** After this time, a slow clock is compared with a newer reading, so that a drift does not add up. */
    private static final long RENEWAL = 10 * MINUTE;

    static boolean isLate(long received, long at) {
        return received - at > LATE;
    }

    /**
     * @param before what is known of the sensor's clock, or null
     * @param received when Kafka received a late reading
     * @param at the device's time of it
     * @return what is known after it; the same object if nothing has changed
     */
    static SensorClock after(SensorClock before, long received, long at) {
        if (before == null || Math.abs(received - before.received - (at - before.at)) > EQUAL) {
            return new SensorClock(received, at, false);
        }
        long passed = received - before.received;
        return before.isSlow ? passed > RENEWAL ? new SensorClock(received, at, true) : before : passed >= PROOF ? new SensorClock(before.received, before.at, true) : before;
    }
}
