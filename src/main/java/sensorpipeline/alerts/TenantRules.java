package sensorpipeline.alerts;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sensorpipeline.rules.AlertRule;

/** The rules of a tenant, by what they look at, so that a reading costs nothing for rules about something else, and a sensor nothing for rules that it is quiet for. Not thread-safe. */
final class TenantRules {

    /** Above this, what was made for readings with some metrics is forgotten: names can be made up. */
    private static final int MOST_COMBINATIONS = 1000;

    private final Map<Long, RuleVersion> rules = new TreeMap<>();
    private final Map<List<String>, List<ConditionOfReading>> conditions = new HashMap<>();
    private Map<String, List<RuleVersion>> aboutValues;
    private Map<String, List<RuleVersion>> aboutRates;
    private List<RuleVersion> aboutConditions;
    private List<RuleVersion> aboutSilence;
    private int changes;

    /** @param version of the rule, or null if it was deleted */
    void set(long ruleId, RuleVersion version) {
        rules.compute(ruleId, (id, before) -> version);
        changes++;
        aboutValues = null;
        conditions.clear();
    }

    /** @return the rule with this id, or null */
    RuleVersion get(long ruleId) {
        return rules.get(ruleId);
    }

    /** @return how often a rule has changed: as long as that is the same, so are they */
    int changes() {
        return changes;
    }

    /** @return the rules about values of a metric, in the order of their ids */
    List<RuleVersion> aboutValuesOf(String metric) {
        sort();
        return aboutValues.getOrDefault(metric, List.of());
    }

    /** @return the rules about rates of a metric, in the order of their ids */
    List<RuleVersion> aboutRatesOf(String metric) {
        sort();
        return aboutRates.getOrDefault(metric, List.of());
    }

    /** @return the rules with a condition that looks at readings with these metrics, in the order of their ids */
    List<ConditionOfReading> conditionsOf(List<String> metrics) {
        sort();
        if (conditions.size() >= MOST_COMBINATIONS) {
            conditions.clear();
        }
        return conditions.computeIfAbsent(metrics, given -> aboutConditions.stream().map(version -> ConditionOfReading.of(version, given)).filter(Objects::nonNull).toList());
    }

    /** @return the rules about silence */
    List<RuleVersion> aboutSilence() {
        sort();
        return aboutSilence;
    }

    /** @return whether a rule is about values of a sensor */
    boolean areAboutValuesOf(String sensorId) {
        return rules.values().stream().anyMatch(version -> !version.rule().isOfSilence() && version.rule().sensors().match(sensorId));
    }

    private void sort() {
        if (aboutValues == null) {
            aboutValues = byMetric(rule -> rule.metric() != null && !rule.isOfSilence() && rule.rate() == 0);
            aboutRates = byMetric(rule -> rule.rate() > 0);
            aboutConditions = select(rule -> rule.condition() != null).toList();
            aboutSilence = select(AlertRule::isOfSilence).toList();
        }
    }

    private Map<String, List<RuleVersion>> byMetric(Predicate<AlertRule> isWanted) {
        return select(isWanted).collect(Collectors.groupingBy(version -> version.rule().metric()));
    }

    private Stream<RuleVersion> select(Predicate<AlertRule> isWanted) {
        return rules.values().stream().filter(version -> isWanted.test(version.rule()));
    }
}
