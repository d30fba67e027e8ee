package sensorpipeline.rules;

import java.util.List;

/** What a rule compares with its limit, for the readings of one sensor: {@linkplain PlainValue the value}, or {@linkplain Rate how fast it changes}. Not thread-safe. */
interface Measure {

    /**
     * @param rule that compares it
     * @param kept readings that it goes on with, the oldest first
     */
    static Measure of(AlertRule rule, List<KeptReading> kept) {
        return rule.rate() > 0 ? new Rate(rule.rate(), kept) : PlainValue.INSTANCE;
    }

    /**
     * Takes a reading.
     *
     * @param at its time, in microseconds since 1970 UTC
     * @param value of the rule's metric
     * @return what is compared, or NaN if there is nothing to compare yet
     */
    double read(long at, double value);

    /** @return whether a reading changes nothing that is kept, and what is compared for it is surely from the one to the other: cheap, and in doubt not so */
    boolean isSurelyWithin(double from, double to, long at, double value);

    /** @return whether a reading is too old to be compared, because of those before */
    boolean isBeforeLast(long at);

    /** @return the readings that later ones are compared with, the oldest first */
    List<KeptReading> kept();

    /** The next reading is the first one. */
    void forget();
}
