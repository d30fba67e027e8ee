package sensorpipeline.api;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import sensorpipeline.reading.EventTime;
import sensorpipeline.rules.AlertRule;
import sensorpipeline.rules.EvaluatedAlert;
import sensorpipeline.rules.Transition;

/** The alerts that a rule would have fired, of which only the newest are kept. Not thread-safe. */
final class TriedAlerts {

    private final AlertRule rule;
    private final int most;
    /** The newest alerts. */
    private final PriorityQueue<Alert> newest = new PriorityQueue<>(Comparator.comparingLong(Alert::firedAt));
    /** The last alert of each sensor. */
    private final Map<String, Alert> last = new HashMap<>();
    private int alerts;

    /**
     * @param rule that is tried
     * @param most how many alerts are kept
     */
    TriedAlerts(AlertRule rule, int most) {
        this.rule = rule;
        this.most = most;
    }

    /**
     * An alert that would have fired.
     *
     * @param sensorId of its sensor
     * @param evaluated what its readings made of it
     */
    private record Alert(String sensorId, EvaluatedAlert evaluated) {

        long firedAt() {
            return evaluated.fired().at();
        }

        /** @return as in the contract */
        Map<String, Object> fields(AlertRule rule) {
            Transition fired = evaluated.fired();
            Transition worst = evaluated.worst();
            Transition last = evaluated.last();
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("rule", rule.name());
            fields.put("severity", worst.severity().text());
            fields.put("sensor_id", sensorId);
            fields.put("location", evaluated.location());
            fields.put("metric", rule.metric());
            fields.put("value", rule.valueOf(worst));
            fields.put("state", evaluated.isCleared() ? "cleared" : "firing");
            fields.put("flapping", last.isFlapping());
            fields.put("started_at", EventTime.text(fired.startedAt()));
            fields.put("fired_at", EventTime.text(fired.at()));
            fields.put("cleared_at", evaluated.isCleared() ? EventTime.text(last.at()) : null);
            fields.put("message", rule.messageFor(worst));
            return fields;
        }
    }

    /** Takes the next transition of a sensor, whose reading was at a location, or null. */
    void add(String sensorId, String location, Transition transition) {
        if (transition.kind() != Transition.Kind.FIRED) {
            last.get(sensorId).evaluated.follow(transition);
            return;
        }
        Alert alert = new Alert(sensorId, new EvaluatedAlert(location, transition));
        last.put(sensorId, alert);
        newest.add(alert);
        alerts++;
        if (newest.size() > most) {
            newest.remove();
        }
    }

    /**
     * @param readings that were evaluated
     * @param pending sensors whose condition holds, but not for long enough yet
     * @return the answer, with the newest alerts first
     */
    Map<String, Object> result(int readings, long pending) {
        List<Alert> newestFirst = new ArrayList<>(newest);
        newestFirst.sort(newest.comparator().reversed());
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("status", "success");
        result.put("readings", readings);
        result.put("alerts", alerts);
        result.put("pending", pending);
        result.put("data", newestFirst.stream().map(alert -> alert.fields(rule)).toList());
        return result;
    }
}
