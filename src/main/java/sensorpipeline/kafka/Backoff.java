package sensorpipeline.kafka;

import java.time.Duration;

/**
 * A pause before a retry.
 *
 * @param pause in nanoseconds, 0 for an immediate retry
 * @param until its end, as {@link System#nanoTime}
 */
record Backoff(long pause, long until) {

    /** @return one that is over */
    static Backoff none() {
        return new Backoff(0, System.nanoTime());
    }

    /** @return the pause after another failure, from now on: twice as long, within these limits */
    Backoff next(BatchLimits limits) {
        long longer = pause == 0 ? limits.firstPause() : Math.min(limits.longestPause(), pause * 2);
        return new Backoff(longer, System.nanoTime() + longer);
    }

    boolean isOver() {
        return System.nanoTime() - until >= 0;
    }

    /** @return the time that is left, zero if it is over */
    Duration rest() {
        return Duration.ofNanos(Math.max(0, until - System.nanoTime()));
    }
}
