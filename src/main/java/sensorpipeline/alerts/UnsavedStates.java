package sensorpipeline.alerts;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What has changed of the states of a partition since it was taken to be saved. Not thread-safe. */
final class UnsavedStates {

    private final WatchedSensors sensors;
    private Set<SavedStates.Key> changed = new LinkedHashSet<>();
    /** Whether a sensor that a rule about silence waits for has sent. */
    private boolean hasSeen;

    private final LateReadings late = new LateReadings();

    /** @param sensors whose states they are */
    UnsavedStates(WatchedSensors sensors) {
        this.sensors = sensors;
    }

    void add(SavedStates.Key key) {
        changed.add(key);
    }

    /** A rule about silence has seen a record, or waits for something else than before. */
    void see() {
        hasSeen = true;
    }

    boolean contains(SavedStates.Key key) {
        return changed.contains(key);
    }

    /** Nothing is saved of a sensor that has left. */
    void remove(String sensorId) {
        changed.removeIf(key -> key.sensorId().equals(sensorId));
        hasSeen = true;
    }

    boolean isEmpty() {
        return !hasSeen && changed.isEmpty() && late.isEmpty();
    }

    /** @return the readings that came late */
    LateReadings late() {
        return late;
    }

    /** @return the states that have changed since they were last taken, as JSON; null where there is none any more */
    Map<SavedStates.Key, String> takeChanged() {
        Map<SavedStates.Key, String> states = new HashMap<>();
        changed.forEach(key -> states.put(key, state(key)));
        changed = new LinkedHashSet<>();
        return states;
    }

    /** @return the last records that rules about silence have seen, or null if that has not changed since they were last taken */
    Map<SavedStates.Key, SavedStates.Seen> takeSeen() {
        if (!hasSeen) {
            return null;
        }
        hasSeen = false;
        return sensors.silences().filter(rule -> !rule.isUndecided())
                .collect(Collectors.toMap(WatchedRule::key, WatchedSilence::seen));
    }

    /** @return the newest readings, or null if those have not changed since they were last taken: {@link NewestReadings#take} */
    byte[] takeNewest() {
        return sensors.newest().take();
    }

    /** What was taken was not saved. */
    void giveBack(Checkpoint checkpoint) {
        changed.addAll(checkpoint.states().keySet());
        hasSeen |= checkpoint.seen() != null;
        late.giveBack(checkpoint.late());
        if (checkpoint.newest() != null) {
            sensors.newest().giveBack();
        }
    }

    private String state(SavedStates.Key key) {
        WatchedSensor sensor = sensors.find(key.sensorId());
        if (sensor == null) {
            return null;
        }
        WatchedRule rule = sensor.rule(key.ruleId());
        Object state = key.ruleId() == SavedStates.CLOCK ? sensor.clock() : rule == null ? null : rule.save();
        return state == null ? null : AlertJson.write(state);
    }
}
