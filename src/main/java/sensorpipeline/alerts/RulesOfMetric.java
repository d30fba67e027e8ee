package sensorpipeline.alerts;

import java.util.List;

/** The rules about values of one metric of a sensor. A value that changes nothing for any of them costs two comparisons. Not thread-safe. */
final class RulesOfMetric {

    private final List<WatchedValues> rules;
    /** Values from the one to the other change nothing; if a rule has a state, there are none such. */
    private double quietFrom;
    private double quietTo;

    RulesOfMetric(List<WatchedValues> rules) {
        this.rules = rules;
        update();
    }

    /** @return the rules, in the order of their ids */
    List<WatchedValues> rules() {
        return rules;
    }

    /** @return whether this value changes nothing */
    boolean areQuietAt(double value) {
        return value >= quietFrom && value <= quietTo;
    }

    /** Must be called after a rule has taken a reading. */
    void update() {
        boolean isQuiet = rules.stream().allMatch(WatchedValues::isResting);
        quietFrom = isQuiet ? rules.stream().mapToDouble(WatchedValues::quietFrom).max().orElse(Double.NEGATIVE_INFINITY) : Double.POSITIVE_INFINITY;
        quietTo = isQuiet ? rules.stream().mapToDouble(WatchedValues::quietTo).min().orElse(Double.POSITIVE_INFINITY) : Double.NEGATIVE_INFINITY;
    }
}
