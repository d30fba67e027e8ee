package sensorpipeline.rules;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** Evaluates a rule over the readings of many sensors. Not thread-safe. */
public final class Evaluation {

    private final AlertRule rule;
    private final int[] places;
    /** By sensor. */
    private final Map<String, SensorRule> states = new HashMap<>();

    /** @param rule to evaluate */
    public Evaluation(AlertRule rule) {
        this.rule = rule;
        places = IntStream.range(0, rule.metrics().size()).toArray();
    }

    /**
     * Takes a reading; those of a sensor must come in the order of their times.
     *
     * @param sensorId of the sensor
     * @param location of the reading, or null
     * @param at its time, in microseconds since 1970 UTC
     * @param values of the rule's metrics, in their order; null for a reading from a location to which the rule does not apply, which need not have them
     * @return what that changes, or null if nothing, or if the rule does not apply to it
     */
    public Transition read(String sensorId, String location, long at, double... values) {
        SensorRule state = states.get(sensorId);
        if (state == null) {
            if (!rule.sensors().match(sensorId)) {
                return null;
            }
            state = new SensorRule(rule, sensorId);
            states.put(sensorId, state);
        }
        if (values == null) {
            return state.leave(at);
        }
        return rule.condition() == null ? state.read(location, at, values[0]) : state.read(location, at, values, places);
    }

    /** @return number of sensors for which another alert would fire if the condition held for longer */
    public long pending() {
        return states.values().stream().filter(SensorRule::isPending).count();
    }
}
