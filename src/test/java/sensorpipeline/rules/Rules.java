package sensorpipeline.rules;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Rules for tests. */
final class Rules {

    /** Those of the contract, and what every rule has. */
    private static final Map<String, Object> DEFAULTS = Map.of("name", "test", "metric", "x", "for", "0s", "clear_for", "0s", "longest_gap", "5m");

    private Rules() {
    }

    /** @return a critical rule for the metric "x" with some fields, names and values in turn */
    static AlertRule rule(Object... fields) {
        Map<String, Object> all = new HashMap<>(DEFAULTS);
        all.put("severity", "critical");
        for (int i = 0; i < fields.length; i += 2) {
            all.put((String) fields[i], fields[i + 1]);
        }
        return AlertRule.of(all);
    }

    /** @return a critical rule with a condition and some fields, names and values in turn */
    static AlertRule when(String condition, Object... fields) {
        Map<String, Object> all = new HashMap<>(DEFAULTS);
        all.remove("metric");
        all.putAll(Map.of("severity", "critical", "when", condition));
        for (int i = 0; i < fields.length; i += 2) {
            all.put((String) fields[i], fields[i + 1]);
        }
        return AlertRule.of(all);
    }

    /** @return a rule with levels of critical, warning and info from these limits on */
    static AlertRule withLevels(double critical, double warning, double info, Object... fields) {
        Map<String, Object> all = new HashMap<>(DEFAULTS);
        all.put("levels", List.of(Map.of("severity", "critical", "above", critical), Map.of("severity", "warning", "above", warning), Map.of("severity", "info", "above", info)));
        for (int i = 0; i < fields.length; i += 2) {
            all.put((String) fields[i], fields[i + 1]);
        }
        return AlertRule.of(all);
    }
}
