package sensorpipeline.alerts;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import sensorpipeline.rules.QuietReadings;

/**
 * The rules about one metric of a sensor. A value that changes nothing for any of them costs a few comparisons, and a few more for each rule about a rate once in a twelfth of its time. Only rules whose limit is breached, or was
 * lately, have an object of their own for the sensor. Not thread-safe.
 */
final class RulesOfMetric {

    private static final Comparator<WatchedRule> BY_ID = Comparator.comparingLong(rule -> rule.version().ruleId());

    private final WatchedSensor sensor;
    /** Those about values: of all sensors. */
    private final List<RuleVersion> aboutValues;
    private final List<WatchedValues> aboutRates;
    private final boolean isEmpty;
    /** Those about values that are not at rest. */
    private List<WatchedValues> known;
    /** Values from the one to the other change nothing for the others. */
    private double quietFrom;
    private double quietTo;
    /** For those about rates, until one of them takes a reading. */
    private QuietReadings quiet = new QuietReadings();

    /**
     * @param sensor whose metric it is
     * @param metric name of it
     * @param rules of the tenant
     */
    RulesOfMetric(WatchedSensor sensor, String metric, TenantRules rules) {
        this.sensor = sensor;
        aboutValues = rules.aboutValuesOf(metric);
        aboutRates = rules.aboutRatesOf(metric).stream().filter(this::applies).map(this::aboutRate).toList();
        retainQuiet(0);
        isEmpty = aboutRates.isEmpty() && aboutValues.stream().noneMatch(this::applies);
        rest();
    }

    private boolean applies(RuleVersion version) {
        return version.rule().sensors().match(sensor.id());
    }

    private WatchedValues aboutRate(RuleVersion version) {
        WatchedRule kept = sensor.rule(version.ruleId());
        if (kept != null) {
            return (WatchedValues) kept;
        }
        WatchedValues begun = new WatchedValues(version, sensor.id(), null);
        sensor.keep(begun);
        return begun;
    }

    private void rest() {
        List<WatchedValues> kept = new ArrayList<>();
        double from = Double.NEGATIVE_INFINITY;
        double to = Double.POSITIVE_INFINITY;
        for (RuleVersion version : aboutValues) {
            WatchedRule rule = sensor.rule(version.ruleId());
            if (rule != null) {
                kept.add((WatchedValues) rule);
            } else if (applies(version)) {
                from = Math.max(from, version.rule().quietFrom(sensor.id()));
                to = Math.min(to, version.rule().quietTo(sensor.id()));
            }
        }
        known = kept;
        quietFrom = from;
        quietTo = to;
    }

    /** @return whether there is none */
    boolean isEmpty() {
        return isEmpty;
    }

    /** @return whether a reading with this value changes nothing; as {@link WatchedValues#isQuietAt(long, long, double)} */
    boolean areQuietAt(long received, long at, double value) {
        if (!known.isEmpty() || !isQuietAt(value)) {
            return false;
        }
        if (quiet.contain(received, at, value)) {
            return true;
        }
        for (WatchedValues rule : aboutRates) {
            if (!rule.isQuietAt(received, at, value)) {
                return false;
            }
        }
        retainQuiet(at);
        return true;
    }

    private void retainQuiet(long at) {
        quiet = new QuietReadings();
        aboutRates.forEach(rule -> rule.retainQuiet(quiet, at));
    }

    private boolean isQuietAt(double value) {
        return value >= quietFrom && value <= quietTo;
    }

    /** @return the rules for which a reading with this value may change something, in the order of their ids; {@link #update} must follow */
    List<WatchedValues> concerned(double value) {
        if (known.isEmpty() && isQuietAt(value)) {
            return aboutRates;
        }
        List<WatchedValues> concerned = new ArrayList<>(known);
        concerned.addAll(aboutRates);
        if (!isQuietAt(value)) {
            for (RuleVersion version : aboutValues) {
                if (!(value >= version.rule().quietFrom(sensor.id()) && value <= version.rule().quietTo(sensor.id())) && sensor.rule(version.ruleId()) == null && applies(version)) {
                    concerned.add(new WatchedValues(version, sensor.id(), null));
                }
            }
        }
        concerned.sort(BY_ID);
        return concerned;
    }

    /**
     * @param concerned rules, after they have taken the reading
     * @param at its time, in microseconds since 1970 UTC
     */
    void update(List<WatchedValues> concerned, long at) {
        boolean hasChanged = false;
        for (WatchedValues rule : concerned) {
            hasChanged |= !rule.isAboutRate() && sensor.keepOrDrop(rule);
        }
        if (hasChanged) {
            rest();
        }
        if (!aboutRates.isEmpty()) {
            retainQuiet(at);
        }
    }
}
