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
     * @param at time of a reading, in microseconds since 1970 UTC
     * @param value of the rule's metric
     * @return what is compared, or NaN if there is nothing to compare yet
     */
    double of(long at, double value);

    /** @return whether what is compared for a reading is surely from the one to the other, or nothing is compared: cheap, and in doubt not so */
    boolean isSurelyWithin(double from, double to, long at, double value);

    /** @return whether a reading of this time changes what is kept */
    boolean isKept(long at);

    /** Keeps a reading, if it has to be kept. */
    void keep(long at, double value);

    /** @return whether a reading is too old to be compared, because of those before */
    boolean isBeforeLast(long at);

    /**
     * Retains readings that change nothing that is kept, and for which what is compared is surely from the one to the other.
     *
     * @param at near which their times are
     */
    void retainQuiet(QuietReadings quiet, double from, double to, long at);

    /** @return time of the last reading that is kept, or a time before all if there is none */
    long lastKeptAt();

    /** @return the readings that later ones are compared with, the oldest first */
    List<KeptReading> kept();

    /** The next reading is the first one. */
    void forget();
}
