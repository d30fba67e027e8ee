package sensorpipeline.rules;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * The state of a rule and sensor, to be continued later. All times are in microseconds since 1970 UTC, all durations in microseconds. Immutable.
 *
 * @param levels states of the rule's levels, the least severe first; null for one that begins anew
 * @param lastAt time of the last reading, or null if the next one begins anew
 * @param lastInterval between the last two readings
 * @param lastValue of the last reading
 * @param isOpen whether there is an alert
 * @param severity of the alert; null before the first one
 * @param startedAt when the condition of the alert began
 * @param isFlapping whether the alert is flapping
 * @param overSince when the last condition ended, or null before the first one has
 * @param overFor how long it has been over, as far as that counts
 * @param firings when the alert last fired, the oldest first
 */
public record SavedState(List<OfLevel> levels, Long lastAt, long lastInterval, double lastValue, boolean isOpen, Severity severity, long startedAt, boolean isFlapping,
        Long overSince, long overFor, List<Long> firings) {

    /** @return the state for an edited condition, of which nobody knows whether the last reading met it: an alert stays, but what was about to change begins anew */
    public SavedState forOtherCondition() {
        return new SavedState(levels.stream().map(level -> new OfLevel(level.isActive(), false, level.changingSince(), 0)).toList(), lastAt, lastInterval, lastValue, isOpen, severity, startedAt,
                isFlapping, overSince, overFor, firings);
    }

    /**
     * The state for a rule with other levels: a level goes on as that of the same severity, and if there is none, as one of a severity that is new.
     *
     * @param before rule that this is a state of
     * @param next rule that goes on with it
     * @return the state, with null for a level that begins anew
     */
    public SavedState forOtherLevels(AlertRule before, AlertRule next) {
        List<Severity> known = before.levels().stream().map(Level::severity).toList();
        List<Severity> wanted = next.levels().stream().map(Level::severity).toList();
        Deque<OfLevel> others = new ArrayDeque<>();
        OfLevel[] continued = new OfLevel[wanted.size()];
        for (int i = 0; i < levels.size(); i++) {
            int place = wanted.indexOf(known.get(i));
            if (place < 0) {
                others.add(levels.get(i));
            } else {
                continued[place] = levels.get(i);
            }
        }
        for (int i = 0; i < continued.length; i++) {
            if (continued[i] == null && !known.contains(wanted.get(i))) {
                continued[i] = others.poll();
            }
        }
        return new SavedState(Arrays.asList(continued), lastAt, lastInterval, lastValue, isOpen, severity, startedAt, isFlapping, overSince, overFor, firings);
    }

    /**
     * The state of one level.
     *
     * @param isActive whether it is active
     * @param isChanging whether the last reading was such that this is about to change
     * @param changingSince since when the readings were
     * @param passed for how long, as far as that counts
     */
    public record OfLevel(boolean isActive, boolean isChanging, long changingSince, long passed) {
    }
}
