package sensorpipeline.alerts;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A sensor, and the rules that apply to it. Not thread-safe. */
final class WatchedSensor {

    private final String id;
    private final NewestTimes newest;
    private final List<WatchedRule> rules = new ArrayList<>();
    /** Of the last reading: readings with the same metrics mostly share one list. */
    private List<String> metrics;
    /** The rules about values of each of these metrics. */
    private RulesOfMetric[] ofMetrics;
    /** The rules with a condition, as far as such a reading has its metrics. */
    private ConditionOfReading[] conditions;
    /** The rules about silence that such a reading ends. */
    private WatchedSilence[] silences;
    /** The metrics of such a reading that rules are about. */
    private NewestTimes.OfMetric[] watched;
    private SensorClock clock;
    private boolean isHere;

    /** @param newest what is known of its readings */
    WatchedSensor(String id, NewestTimes newest) {
        this.id = id;
        this.newest = newest;
    }

    String id() {
        return id;
    }

    NewestTimes newest() {
        return newest;
    }

    /** Its records come to this partition. */
    void arrive() {
        isHere = true;
    }

    /** @return whether its records come to this partition, as far as is known */
    boolean isHere() {
        return isHere;
    }

    List<WatchedRule> rules() {
        return rules;
    }

    /** @return whether nothing has to be known of it until it sends again */
    boolean isForgettable() {
        return clock == null && rules.stream().noneMatch(rule -> rule.hasState() || rule instanceof WatchedSilence silence && !silence.isUndecided());
    }

    /** @return the rule with this id, or null */
    WatchedRule rule(long ruleId) {
        for (WatchedRule rule : rules) {
            if (rule.version().ruleId() == ruleId) {
                return rule;
            }
        }
        return null;
    }

    /** @return the rule that a predicate is true of, or null */
    WatchedRule find(Predicate<WatchedRule> predicate) {
        return rules.stream().filter(predicate).findFirst().orElse(null);
    }

    /** Rules are evaluated in the order of their ids, whenever they were added. */
    void add(WatchedRule rule) {
        rules.add(rule);
        rules.sort(Comparator.comparingLong(each -> each.version().ruleId()));
        metrics = null;
    }

    void remove(WatchedRule rule) {
        rules.remove(rule);
        metrics = null;
    }

    /** @return whether a rule is about its values */
    boolean hasRulesAboutValues() {
        return rules.stream().anyMatch(WatchedValues.class::isInstance);
    }

    /** @return the rules about values of each metric */
    RulesOfMetric[] valuesOf(List<String> metricsOfReading) {
        sort(metricsOfReading);
        return ofMetrics;
    }

    /** @return the rules with a condition that apply to a reading with these metrics */
    ConditionOfReading[] conditionsOf(List<String> metricsOfReading) {
        sort(metricsOfReading);
        return conditions;
    }

    /** @return the rules about silence that a reading with these metrics ends */
    WatchedSilence[] silencesOf(List<String> metricsOfReading) {
        sort(metricsOfReading);
        return silences;
    }

    /** @return those of these metrics that rules about values are about */
    NewestTimes.OfMetric[] watchedOf(List<String> metricsOfReading) {
        sort(metricsOfReading);
        return watched;
    }

    private void sort(List<String> metricsOfReading) {
        if (metrics == metricsOfReading) {
            return;
        }
        metrics = metricsOfReading;
        conditions = rules.stream().filter(rule -> rule.version().rule().condition() != null).map(WatchedValues.class::cast)
                .map(rule -> ConditionOfReading.of(rule, metrics)).filter(Objects::nonNull).toArray(ConditionOfReading[]::new);
        ofMetrics = IntStream.range(0, metrics.size()).mapToObj(this::rulesOf).toArray(RulesOfMetric[]::new);
        watched = Stream.of(ofMetrics).map(RulesOfMetric::newest).filter(Objects::nonNull).toArray(NewestTimes.OfMetric[]::new);
        silences = rules.stream().filter(rule -> rule instanceof WatchedSilence && (rule.version().rule().metric() == null || metrics.contains(rule.version().rule().metric())))
                .toArray(WatchedSilence[]::new);
    }

    private RulesOfMetric rulesOf(int place) {
        String metric = metrics.get(place);
        List<WatchedValues> about = rules.stream().filter(rule -> rule instanceof WatchedValues && metric.equals(rule.version().rule().metric())).map(WatchedValues.class::cast).toList();
        boolean isWatched = !about.isEmpty() || Stream.of(conditions).anyMatch(condition -> condition.isAbout(place));
        return new RulesOfMetric(isWatched ? newest.of(metric) : null, about);
    }

    /**
     * @param received when Kafka received a reading, in microseconds since 1970
     * @param at time of the reading
     * @return whether something else than before is known of the sensor's clock
     */
    boolean compareClocks(long received, long at) {
        SensorClock before = clock;
        clock = SensorClock.isLate(received, at) ? SensorClock.after(before, received, at) : null;
        if (clock != null && clock.isSlow() && (before == null || !before.isSlow())) {
            newest.forget();
        }
        return clock != before;
    }

    /** @return whether a reading is late, and its clock not merely slow, as far as is known */
    boolean isLate(long received, long at) {
        return SensorClock.isLate(received, at) && !clock.isSlow();
    }

    /** @return what is known of its clock; null while its readings are punctual */
    SensorClock clock() {
        return clock;
    }

    void setClock(SensorClock clock) {
        this.clock = clock;
    }
}
