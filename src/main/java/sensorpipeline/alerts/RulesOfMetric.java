package sensorpipeline.alerts;

import java.util.List;

/** The rules about values of one metric of a sensor. A value that changes nothing for any of them costs two comparisons, and a few more for each rule about a rate. Not thread-safe. */
final class RulesOfMetric {

    private final NewestTimes.OfMetric newest;
    private final List<WatchedValues> rules;
    private final List<WatchedValues> aboutValues;
    private final WatchedValues[] aboutRates;
    /** Values from the one to the other change nothing; if a rule has a state, there are none such. */
    private double quietFrom;
    private double quietTo;

    /**
     * @param newest time of the metric, or null if neither a rule nor a condition is about it
     * @param rules in the order of their ids
     */
    RulesOfMetric(NewestTimes.OfMetric newest, List<WatchedValues> rules) {
        this.newest = newest;
        this.rules = rules;
        aboutValues = rules.stream().filter(rule -> !rule.isAboutRate()).toList();
        aboutRates = rules.stream().filter(WatchedValues::isAboutRate).toArray(WatchedValues[]::new);
        update();
    }

    /** @return newest time of the metric, or null if nothing is about it */
    NewestTimes.OfMetric newest() {
        return newest;
    }

    /** @return the rules, in the order of their ids */
    List<WatchedValues> rules() {
        return rules;
    }

    /** @return whether a reading with this value changes nothing; as {@link WatchedValues#isQuietAt(long, long, double)} */
    boolean areQuietAt(long received, long at, double value) {
        if (!(value >= quietFrom && value <= quietTo)) {
            return false;
        }
        for (WatchedValues rule : aboutRates) {
            if (!rule.isQuietAt(received, at, value)) {
                return false;
            }
        }
        return true;
    }

    /** Must be called after a rule has taken a reading. */
    void update() {
        boolean isQuiet = aboutValues.stream().allMatch(WatchedValues::isResting);
        quietFrom = isQuiet ? aboutValues.stream().mapToDouble(WatchedValues::quietFrom).max().orElse(Double.NEGATIVE_INFINITY) : Double.POSITIVE_INFINITY;
        quietTo = isQuiet ? aboutValues.stream().mapToDouble(WatchedValues::quietTo).min().orElse(Double.POSITIVE_INFINITY) : Double.NEGATIVE_INFINITY;
    }
}
