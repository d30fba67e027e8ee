package sensorpipeline.alerts;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A sensor, and the rules that apply to it. Not thread-safe. */
final class WatchedSensor {

    private final String id;
    private final NewestTimes newest;
    private final TenantRules tenantRules;
    /** Those about silence and about rates, and others whose limit is breached, or was lately; in the order of their ids. */
    private final SortedMap<Long, WatchedRule> rules = new TreeMap<>();
    private final Map<String, RulesOfMetric> byMetric = new HashMap<>(4);
    /** How often rules had changed when what follows was made of them; -1 if it has to be made anew. */
    private int changes = -1;
    private boolean hasRulesAboutValues;
    /** Of the last reading: readings with the same metrics mostly share one list. */
    private List<String> metrics;
    /** The rules about values of each of these metrics. */
    private RulesOfMetric[] ofMetrics;
    /** The rules with a condition, as far as such a reading has its metrics. */
    private List<ConditionOfReading> conditions;
    /** The rules about silence that such a reading ends. */
    private WatchedSilence[] silences;
    /** The newest times of these metrics; null where no rule is about one. */
    private NewestTimes.OfMetric[] newestTimes;
    /** Those of metrics that rules are about. */
    private NewestTimes.OfMetric[] watched;
    private SensorClock clock;
    private boolean isHere;
    /** Where no rule has a state that does not apply; null if that is not known. */
    private String location;

    /**
     * @param newest what is known of its readings
     * @param tenantRules all rules of its tenant
     */
    WatchedSensor(String id, NewestTimes newest, TenantRules tenantRules) {
        this.id = id;
        this.newest = newest;
        this.tenantRules = tenantRules;
        tenantRules.aboutSilence().stream().filter(version -> version.rule().sensors().match(id)).forEach(version -> keep(WatchedRule.of(version, id, null)));
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

    /**
     * @param told location of a reading, or null, which does not tell that the sensor has left
     * @return whether rules may have a state that do not apply there
     */
    boolean isElsewhere(String told) {
        refresh();
        return told != null && !told.equals(location);
    }

    /** No rule has a state that does not apply to a location. */
    void moveTo(String told) {
        refresh();
        location = told;
    }

    /** @return the rules about values that have a state, and do not apply to a location */
    List<WatchedValues> rulesNotFor(String told) {
        return rulesNotFor(told, WatchedValues.class).filter(WatchedRule::hasState).toList();
    }

    /** @return the rules about silence that do not apply to a location */
    List<WatchedSilence> silencesNotFor(String told) {
        return rulesNotFor(told, WatchedSilence.class).toList();
    }

    private <R extends WatchedRule> Stream<R> rulesNotFor(String told, Class<R> kind) {
        return rules.values().stream().filter(kind::isInstance).map(kind::cast).filter(rule -> !rule.version().rule().locations().match(told));
    }

    /** @return the rules that are not at rest, in the order of their ids */
    Collection<WatchedRule> rules() {
        return rules.values();
    }

    /** @return whether nothing has to be known of it until it sends again */
    boolean isForgettable() {
        return clock == null && rules.values().stream().noneMatch(rule -> rule.hasState() || rule instanceof WatchedSilence silence && !silence.isUndecided());
    }

    /** @return the rule with this id, or null if it does not apply or is at rest */
    WatchedRule rule(long ruleId) {
        return rules.isEmpty() ? null : rules.get(ruleId);
    }

    /** @return the rule that a predicate is true of, or null */
    WatchedRule find(Predicate<WatchedRule> predicate) {
        return rules.values().stream().filter(predicate).findFirst().orElse(null);
    }

    void add(WatchedRule rule) {
        keep(rule);
        changes = -1;
    }

    void remove(WatchedRule rule) {
        rules.remove(rule.version().ruleId());
        changes = -1;
    }

    /** Adds a rule that those of its metric know. */
    void keep(WatchedRule rule) {
        rules.put(rule.version().ruleId(), rule);
    }

    /**
     * Keeps a rule that has a state, and no other.
     *
     * @return whether that is different from before
     */
    boolean keepOrDrop(WatchedValues rule) {
        boolean hasState = rule.hasState();
        if (hasState == (rule(rule.version().ruleId()) != null)) {
            return false;
        }
        if (hasState) {
            keep(rule);
        } else {
            rules.remove(rule.version().ruleId());
        }
        return true;
    }

    /**
     * Forgets what is kept of it if it has not sent for long.
     *
     * @param received since when, at the latest, in milliseconds since 1970
     * @return the rules of which something was forgotten
     */
    List<WatchedRule> forgetStale(long received) {
        List<WatchedRule> forgotten = rules.values().stream().filter(rule -> rule instanceof WatchedValues values && values.forgetStale(received)).toList();
        changes = forgotten.isEmpty() ? changes : -1;
        return forgotten;
    }

    /** @return whether a rule is about its values */
    boolean hasRulesAboutValues() {
        refresh();
        return hasRulesAboutValues;
    }

    /** @return the rules about values of each metric */
    RulesOfMetric[] valuesOf(List<String> metricsOfReading) {
        sort(metricsOfReading);
        return ofMetrics;
    }

    /** @return the rules with a condition that apply to a reading with these metrics */
    List<ConditionOfReading> conditionsOf(List<String> metricsOfReading) {
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

    /** @return the newest times of these metrics; null where no rule is about one */
    NewestTimes.OfMetric[] newestTimesOf(List<String> metricsOfReading) {
        sort(metricsOfReading);
        return newestTimes;
    }

    private void refresh() {
        if (changes != tenantRules.changes()) {
            changes = tenantRules.changes();
            hasRulesAboutValues = tenantRules.areAboutValuesOf(id);
            byMetric.clear();
            metrics = null;
            location = null;
        }
    }

    private void sort(List<String> metricsOfReading) {
        refresh();
        if (metrics == metricsOfReading) {
            return;
        }
        metrics = metricsOfReading;
        conditions = tenantRules.conditionsOf(metrics);
        ofMetrics = metrics.stream().map(metric -> byMetric.computeIfAbsent(metric, name -> new RulesOfMetric(this, name, tenantRules))).toArray(RulesOfMetric[]::new);
        newestTimes = IntStream.range(0, ofMetrics.length).mapToObj(place -> isWatched(place) ? newest.of(metrics.get(place)) : null).toArray(NewestTimes.OfMetric[]::new);
        watched = Stream.of(newestTimes).filter(Objects::nonNull).toArray(NewestTimes.OfMetric[]::new);
        silences = rules.values().stream().filter(rule -> rule instanceof WatchedSilence && (rule.version().rule().metric() == null || metrics.contains(rule.version().rule().metric())))
                .toArray(WatchedSilence[]::new);
    }

    private boolean isWatched(int place) {
        return !ofMetrics[place].isEmpty() || conditions.stream().anyMatch(condition -> condition.isAbout(place) && condition.version().rule().sensors().match(id));
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
