package sensorpipeline.alerts;

import java.util.List;
import java.util.stream.IntStream;
import sensorpipeline.reading.Reading;

/**
 * A rule with a condition, for readings with some metrics.
 *
 * @param rule of a sensor
 * @param places where the readings have the metrics of the condition
 */
record ConditionOfReading(WatchedValues rule, int[] places) {

    /** @return the rule for readings with these metrics, or null if one that the condition names is not among them */
    static ConditionOfReading of(WatchedValues rule, List<String> metrics) {
        int[] places = rule.version().rule().condition().placesIn(metrics);
        return places == null ? null : new ConditionOfReading(rule, places);
    }

    /** @return whether a reading with these metrics changes nothing */
    boolean isQuietAt(Reading reading) {
        return rule.isQuietAt(reading.values(), places);
    }

    /** @return whether the condition names the metric that such readings have at a place */
    boolean isAbout(int place) {
        return IntStream.of(places).anyMatch(each -> each == place);
    }

    /**
     * @param ofMetrics those of the reading
     * @return whether newer readings have come of all metrics of the condition
     */
    boolean isOld(RulesOfMetric[] ofMetrics, long at) {
        return IntStream.of(places).allMatch(place -> ofMetrics[place].newest().isAfter(at));
    }

    /**
     * Takes a reading with these metrics that may change something.
     *
     * @param cause of what it changes
     * @param at its time, in microseconds since 1970 UTC
     * @return whether what has to be saved has changed
     */
    boolean read(Cause cause, long at, Reading reading) {
        return rule.read(cause, reading.series().location(), at, reading.values(), places);
    }
}
