package sensorpipeline.alerts;

import java.util.List;
import java.util.stream.IntStream;
import sensorpipeline.reading.Reading;

/**
 * A rule with a condition, for readings with some metrics.
 *
 * @param version of the rule
 * @param places where the readings have the metrics of the condition
 */
record ConditionOfReading(RuleVersion version, int[] places) {

    /** @return the rule for readings with these metrics, or null if one that the condition names is not among them */
    static ConditionOfReading of(RuleVersion version, List<String> metrics) {
        int[] places = version.rule().condition().placesIn(metrics);
        return places == null ? null : new ConditionOfReading(version, places);
    }

    /**
     * @param sensor that sent a reading with these metrics
     * @return the rule of the sensor, or null if the reading changes nothing
     */
    WatchedValues concerned(WatchedSensor sensor, Reading reading) {
        WatchedValues kept = (WatchedValues) sensor.rule(version.ruleId());
        if (kept != null) {
            return kept.isQuietAt(reading.values(), places) ? null : kept;
        }
        return version.rule().condition().holds(reading.values(), places) && version.rule().sensors().match(sensor.id()) ? new WatchedValues(version, sensor.id(), null) : null;
    }

    /** @return whether the condition names the metric that such readings have at a place */
    boolean isAbout(int place) {
        return IntStream.of(places).anyMatch(each -> each == place);
    }

    /**
     * @param newest times of the metrics of the reading
     * @return whether newer readings have come of all metrics of the condition
     */
    boolean isOld(NewestTimes.OfMetric[] newest, long at) {
        return IntStream.of(places).allMatch(place -> newest[place].isAfter(at));
    }

    /**
     * @param newest times of the metrics of the reading
     * @return whether readings of its time and location have come with each metric of the condition
     */
    boolean isRepeated(NewestTimes.OfMetric[] newest) {
        return IntStream.of(places).allMatch(place -> newest[place].isRepeated());
    }

    /**
     * Takes a reading with these metrics that may change something.
     *
     * @param rule of the sensor
     * @param cause of what it changes
     * @param at its time, in microseconds since 1970 UTC
     * @return whether what has to be saved has changed
     */
    boolean read(WatchedValues rule, Cause cause, long at, Reading reading) {
        return rule.read(cause, reading.series().location(), at, reading.values(), places);
    }
}
