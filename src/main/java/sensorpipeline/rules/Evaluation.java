package sensorpipeline.rules;

import java.util.HashMap;
import java.util.Map;

/** Evaluates a rule over the readings of many sensors. Not thread-safe. */
public final class Evaluation {

    private final AlertRule rule;
    /** By sensor. */
    private final Map<String, SensorRule> states = new HashMap<>();

    /** @param rule to evaluate */
    public Evaluation(AlertRule rule) {
        this.rule = rule;
    }

    /**
     * Takes a reading; those of a sensor must come in the order of their times.
     *
     * @param sensorId of the sensor
     * @param location of the reading, or null
     * @param at its time, in microseconds since 1970 UTC
     * @param value of the rule's metric
     * @return what that changes, or null if nothing, or if the rule does not apply to it
     */
    public Transition read(String sensorId, String location, long at, double value) {
        SensorRule state = states.get(sensorId);
        if (state == null) {
            if (!rule.sensors().match(sensorId)) {
                return null;
            }
            state = new SensorRule(rule, sensorId);
            states.put(sensorId, state);
        }
        return state.read(location, at, value);
    }

    /** @return number of sensors for which another alert would fire if the condition held for longer */
    public long pending() {
        return states.values().stream().filter(SensorRule::isPending).count();
    }
}
