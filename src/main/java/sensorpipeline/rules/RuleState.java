package sensorpipeline.rules;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import sensorpipeline.reading.EventTime;

/**
 * The alert of one rule and sensor, as far as its readings decide. An alert whose condition comes back within {@link AlertRule#CALM} is the same alert; if that happens often, it is flapping, and
 * stays open until the condition has been over for as long. Not thread-safe.
 */
final class RuleState {

    private static final long CALM = AlertRule.CALM.toNanos() / 1000;
    private static final long FLAPPING_SPAN = AlertRule.FLAPPING_SPAN.toNanos() / 1000;

    private final AlertRule rule;
    private final List<Level> levels;
    private final List<LevelState> states;
    private final Deque<Long> firings = new ArrayDeque<>(AlertRule.FLAPPING_FIRINGS + 1);
    /** Null while no level is active or about to be: how long ago the last reading was does not matter then. */
    private Long lastAt;
    private long lastInterval;
    private double lastValue;
    private boolean isOpen;
    private Severity severity;
    private long startedAt;
    private boolean isFlapping;
    /** When the last condition ended; null before the first one. */
    private Long overSince;
    private long overFor;

    /**
     * @param rule that applies
     * @param levels of the rule for the sensor
     */
    RuleState(AlertRule rule, List<Level> levels) {
        this.rule = rule;
        this.levels = levels;
        this.states = levels.stream().map(level -> new LevelState(level.limit())).toList();
    }

    /** A state as it was saved, whose rule may have changed: an alert stays open, and a level that was about to become active still is if the last value breaches its present limit. */
    RuleState(AlertRule rule, List<Level> levels, SavedState saved) {
        this.rule = rule;
        this.levels = levels;
        List<LevelState> continued = new ArrayList<>();
        for (int i = 0; i < levels.size(); i++) {
            Limit limit = levels.get(i).limit();
            SavedState.OfLevel level = i < saved.levels().size() ? saved.levels().get(i) : null;
            boolean isTrue = level != null && (level.isActive() || level.isChanging() && limit.isBreachedBy(saved.lastValue()));
            continued.add(isTrue ? new LevelState(limit, level) : new LevelState(limit));
        }
        states = List.copyOf(continued);
        firings.addAll(saved.firings());
        lastAt = saved.lastAt();
        lastInterval = saved.lastInterval();
        lastValue = saved.lastValue();
        isOpen = saved.isOpen();
        severity = saved.severity();
        startedAt = saved.startedAt();
        isFlapping = saved.isFlapping();
        overSince = saved.overSince();
        overFor = saved.overFor();
    }

    SavedState save() {
        return new SavedState(states.stream().map(LevelState::save).toList(), lastAt, lastInterval, lastValue, isOpen, severity, startedAt, isFlapping, overSince, overFor,
                List.copyOf(firings));
    }

    /**
     * @param at time of a reading, in microseconds since 1970 UTC, not before that of the last one
     * @param value of the rule's metric
     * @return what that changes, or null if nothing
     */
    Transition read(long at, double value) {
        return read(at, value, rule.schedule() == null || rule.schedule().covers(EventTime.instant(at)));
    }

    /**
     * @param at time of a reading from a location to which the rule does not apply, as of {@link #read}
     * @return what that changes, or null if nothing
     */
    Transition leave(long at) {
        return read(at, lastValue, false);
    }

    private Transition read(long at, double value, boolean applies) {
        long elapsed = elapsed(at);
        lastValue = value;
        overFor += elapsed;
        for (LevelState state : states) {
            boolean wasActive = state.isActive();
            if (applies) {
                state.read(at, value, elapsed, rule.delay(), rule.clearDelay());
            } else {
                state.reset(at);
            }
            // The condition ended with the level that ended last.
            if (wasActive && !state.isActive() && (overSince == null || state.changingSince() >= overSince)) {
                overSince = state.changingSince();
                overFor = state.passed();
            }
        }
        int highest = highest();
        Transition transition = null;
        if (highest >= 0) {
            transition = isOpen ? change(at, value, highest) : fire(at, value, highest);
        } else if (isOpen && (!isFlapping || !applies || overFor >= CALM)) {
            transition = clear(at, value);
        }
        if (!isWatching()) {
            lastAt = null;
            lastInterval = 0;
        }
        return transition;
    }

    /** @return the time since the last reading, or 0 if that is a gap: longer than the rule allows, and than twice what the sensor had taken before */
    private long elapsed(long at) {
        long interval = lastAt == null ? 0 : at - lastAt;
        boolean isGap = interval > rule.longestGap() && interval > 2 * lastInterval;
        lastInterval = interval;
        lastAt = at;
        return isGap ? 0 : interval;
    }

    private int highest() {
        for (int i = states.size() - 1; i >= 0; i--) {
            if (states.get(i).isActive()) {
                return i;
            }
        }
        return -1;
    }

    private Transition fire(long at, double value, int level) {
        long conditionSince = states.stream().filter(LevelState::isActive).mapToLong(LevelState::changingSince).min().orElse(at);
        boolean isSame = isSame(conditionSince);
        if (!isSame) {
            firings.clear();
            startedAt = conditionSince;
        }
        firings.add(at);
        if (firings.size() > AlertRule.FLAPPING_FIRINGS) {
            firings.remove();
        }
        isFlapping = firings.size() == AlertRule.FLAPPING_FIRINGS && at - firings.peek() <= FLAPPING_SPAN;
        isOpen = true;
        return transition(isSame ? Transition.Kind.REOPENED : Transition.Kind.FIRED, at, value, level);
    }

    private boolean isSame(long conditionSince) {
        return overSince != null && conditionSince - overSince <= CALM;
    }

    private Transition change(long at, double value, int level) {
        return levels.get(level).severity() == severity ? null : transition(Transition.Kind.CHANGED, at, value, level);
    }

    private Transition transition(Transition.Kind kind, long at, double value, int level) {
        severity = levels.get(level).severity();
        Limit limit = levels.get(level).limit();
        return new Transition(kind, at, startedAt, value, severity, isFlapping, limit.isBreachedBy(value) ? limit.describe(value) : null);
    }

    private Transition clear(long at, double value) {
        isOpen = false;
        return new Transition(Transition.Kind.CLEARED, at, startedAt, value, severity, isFlapping, null);
    }

    /** @return whether the alert is, or was when it was open last, flapping */
    boolean isFlapping() {
        return isFlapping;
    }

    Severity severity() {
        return severity;
    }

    boolean isOpen() {
        return isOpen;
    }

    /** @return time of the last reading, or null if no alert is open or pending */
    Long lastAt() {
        return lastAt;
    }

    /** @return whether the condition of another alert holds, but not for long enough yet */
    boolean isPending() {
        return !isOpen && states.stream().anyMatch(state -> state.isPending() && !isSame(state.changingSince()));
    }

    /** @return whether an alert is open, or would fire or come back if the last value lasted */
    boolean isWatching() {
        return isOpen || states.stream().anyMatch(LevelState::isPending);
    }

    /** @return whether a reading at this time, and all later ones, could as well be the first of all */
    boolean isForgettable(long at) {
        return !isWatching() && (overSince == null || at - overSince > CALM);
    }
}
