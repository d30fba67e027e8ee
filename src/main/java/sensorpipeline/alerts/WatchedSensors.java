package sensorpipeline.alerts;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sensors of a partition that have sent since it is evaluated, or have a state, and the rules of their tenant. Not thread-safe. */
final class WatchedSensors {

    private static final Logger LOG = LoggerFactory.getLogger(WatchedSensors.class);
    /** Above this, those that have no state are forgotten: ids can be made up. */
    private static final int MOST_SENSORS = 100_000;

    private final TenantRules rules = new TenantRules();
    private final Map<String, WatchedSensor> sensors = new HashMap<>();
    private final NewestReadings newest;
    private int mostSensors = MOST_SENSORS;

    /** @param saved rules and states */
    WatchedSensors(SavedStates saved) {
        newest = new NewestReadings(saved.newest());
        saved.rules().forEach(rule -> rules.set(rule.ruleId(), rule));
        saved.states().forEach(this::restore);
        Set<String> strangers = saved.strangers().stream().map(SavedStates.Key::sensorId).collect(Collectors.toSet());
        saved.seen().forEach((key, seen) -> {
            WatchedSensor sensor = of(key.sensorId());
            if (sensor.rule(key.ruleId()) instanceof WatchedSilence silence) {
                silence.expectFrom(seen);
            }
            if (seen.offset() != WatchedSilence.NONE && !strangers.contains(key.sensorId())) {
                sensor.arrive();
            }
        });
    }

    /** Goes on with a state that was saved. */
    void restore(SavedStates.Key key, String state) {
        WatchedSensor sensor = of(key.sensorId());
        sensor.arrive();
        RuleVersion version = rules.get(key.ruleId());
        try {
            if (key.ruleId() == SavedStates.CLOCK) {
                sensor.setClock(AlertJson.read(state, SensorClock.class));
            } else if (version != null && version.rule().sensors().match(key.sensorId())) {
                sensor.add(WatchedRule.of(version, key.sensorId(), AlertJson.read(state, SavedRule.class)));
            }
        } catch (RuntimeException e) {
            LOG.error("The state of sensor {} and rule {} begins anew, because the program cannot read what was saved: {}", key.sensorId(), key.ruleId(), state, e);
        }
    }

    /** @return the sensor with this id, with the rules that apply to it */
    WatchedSensor of(String sensorId) {
        WatchedSensor known = sensors.get(sensorId);
        if (known != null) {
            return known;
        }
        WatchedSensor added = new WatchedSensor(sensorId, newest.of(sensorId), rules);
        if (sensors.size() >= mostSensors) {
            sensors.values().removeIf(WatchedSensor::isForgettable);
            mostSensors = Math.max(MOST_SENSORS, 2 * sensors.size());
        }
        sensors.put(sensorId, added);
        return added;
    }

    /** @return the sensor with this id, or null if nothing is known of it */
    WatchedSensor find(String sensorId) {
        return sensors.get(sensorId);
    }

    /** @return whether records of a sensor come to this partition, as far as is known */
    boolean isHere(String sensorId) {
        WatchedSensor known = sensors.get(sensorId);
        return known != null && known.isHere();
    }

    /** Nothing is known of a sensor any more. */
    void remove(String sensorId) {
        sensors.remove(sensorId);
        newest.remove(sensorId);
    }

    /** @return the newest of their readings */
    NewestReadings newest() {
        return newest;
    }

    /** @return all of them; no sensor must be added meanwhile */
    Collection<WatchedSensor> all() {
        return sensors.values();
    }

    /** @return whether one of the rules is about silence */
    boolean haveRulesOfSilence() {
        return !rules.aboutSilence().isEmpty();
    }

    /** @return all rules about silence of all sensors */
    Stream<WatchedSilence> silences() {
        return sensors.values().stream().flatMap(sensor -> sensor.rules().stream()).filter(WatchedSilence.class::isInstance).map(WatchedSilence.class::cast);
    }

    /**
     * For sensors that are seen from now on.
     *
     * @param version of the rule, or null if it was deleted
     */
    void setRule(long ruleId, RuleVersion version) {
        rules.set(ruleId, version);
    }

    /** @return number of states that are not like those of a sensor without any */
    long states() {
        return sensors.values().stream().flatMap(sensor -> sensor.rules().stream()).filter(WatchedRule::hasState).count();
    }
}
