package sensorpipeline.rules;

import java.util.List;

/**
 * A rule as it applies to one sensor. What it compares with the limit is its {@link Measure}. Unless the sensor's values breach the limit, or have lately, it has no state: most readings cost two
 * comparisons, and little has to be saved. Not thread-safe.
 */
public final class SensorRule {

    private final AlertRule rule;
    private final List<Level> levels;
    /** Values from the one to the other breach no level. */
    private final double quietFrom;
    private final double quietTo;
    private final Measure measure;
    private RuleState state;

    /**
     * @param rule that applies to the sensor
     * @param sensorId of the sensor, which may have a limit of its own
     */
    public SensorRule(AlertRule rule, String sensorId) {
        this(rule, sensorId, null, List.of());
    }

    /**
     * @param rule that applies to the sensor
     * @param sensorId of the sensor
     * @param saved state of this rule or an earlier version of it, or null. What it says is kept as far as it is true for the rule as it is now
     * @param kept readings of before that are compared with the next ones, the oldest first
     */
    public SensorRule(AlertRule rule, String sensorId, SavedState saved, List<KeptReading> kept) {
        this(rule, sensorId, saved, Measure.of(rule, kept));
    }

    SensorRule(AlertRule rule, String sensorId, SavedState saved, Measure measure) {
        this.measure = measure;
        this.rule = rule;
        levels = rule.levelsOf(sensorId);
        quietFrom = rule.quietFrom(sensorId);
        quietTo = rule.quietTo(sensorId);
        state = saved == null ? null : new RuleState(rule, levels, saved);
    }

    /**
     * Takes a reading. One that is older than the last one, while there is a state, changes nothing. One from a location to which the rule does not apply ends what there is; one without a location
     * does not tell that the sensor has left.
     *
     * @param location of the reading, or null
     * @param at its time, in microseconds since 1970 UTC
     * @param value of the rule's metric
     * @return what that changes, or null if nothing, or if the rule does not apply to it
     */
    public Transition read(String location, long at, double value) {
        if (isQuietAt(at, value) || isBeforeLast(at)) {
            return null;
        }
        if (!rule.locations().match(location)) {
            return location == null ? null : leave(at);
        }
        boolean isQuiet = state == null && measure.isSurelyWithin(quietFrom, quietTo, at, value);
        double compared = isQuiet ? Double.NaN : measure.of(at, value);
        measure.keep(at, value);
        if (Double.isNaN(compared) || state == null && compared >= quietFrom && compared <= quietTo) {
            return null;
        }
        if (state == null) {
            state = new RuleState(rule, levels);
        }
        return forgettingAfter(at, state.read(at, compared));
    }

    /**
     * Takes a reading from a location to which the rule does not apply, which need not have its metrics: it ends what there is, unless it is older than the last one.
     *
     * @param at its time, in microseconds since 1970 UTC
     * @return what that changes, or null if nothing
     */
    public Transition leave(long at) {
        return state == null || isBeforeLast(at) ? null : forgettingAfter(at, state.leave(at));
    }

    private Transition forgettingAfter(long at, Transition transition) {
        if (state.isForgettable(at)) {
            state = null;
        }
        return transition;
    }

    /**
     * Takes a reading, for a rule with a condition: otherwise like the other one.
     *
     * @param values of the reading
     * @param places where they have those of the condition's metrics
     */
    public Transition read(String location, long at, double[] values, int[] places) {
        Transition transition = read(location, at, valueOfCondition(values, places));
        return transition == null || transition.reason() == null ? transition : transition.because(rule.condition().describe(values, places));
    }

    private double valueOfCondition(double[] values, int[] places) {
        return rule.condition().holds(values, places) ? 1 : 0;
    }

    /** @return whether a reading of this time changes nothing, because the last one is later */
    public boolean isBeforeLast(long at) {
        return state != null && state.lastAt() != null && at < state.lastAt() || measure.isBeforeLast(at);
    }

    /** @return whether a reading of this time and value changes nothing, wherever it is */
    public boolean isQuietAt(long at, double value) {
        return state == null && !measure.isKept(at) && !measure.isBeforeLast(at) && measure.isSurelyWithin(quietFrom, quietTo, at, value);
    }

    /**
     * Retains readings that surely change nothing for this rule, wherever they are, as long as it takes no other one.
     *
     * @param at near which their times are, in microseconds since 1970 UTC
     */
    public void retainQuiet(QuietReadings quiet, long at) {
        if (state == null) {
            measure.retainQuiet(quiet, quietFrom, quietTo, at);
        } else {
            quiet.removeAll();
        }
    }

    /** @return whether a reading changes nothing for a rule with a condition, wherever and whenever it is */
    public boolean isQuietAt(double[] values, int[] places) {
        return state == null && !rule.condition().holds(values, places);
    }

    /** @return whether the limit is breached, or has been lately */
    public boolean hasState() {
        return state != null;
    }

    /** @return whether there is an alert */
    public boolean isOpen() {
        return state != null && state.isOpen();
    }

    /** @return how bad the alert is, as far as its readings decide */
    public Severity severity() {
        return state.severity();
    }

    /** @return whether an alert is open, or would fire or come back if the last value lasted: the next reading changes what {@link #save} returns */
    public boolean isWatching() {
        return state != null && state.isWatching();
    }

    /** @return whether another alert would fire if the last value lasted */
    boolean isPending() {
        return state != null && state.isPending();
    }

    /** Forgets what was: if the limit is still breached, another alert fires. */
    public void forget() {
        state = null;
    }

    /** @return time of the last reading that is kept for later ones, in microseconds since 1970 UTC, or a time before all if there is none */
    public long lastKeptAt() {
        return measure.lastKeptAt();
    }

    /** @return the readings that are kept for later ones, the oldest first */
    public List<KeptReading> kept() {
        return measure.kept();
    }

    /** Forgets the readings that are kept, as after a gap. */
    public void forgetKept() {
        measure.forget();
    }

    /** @return the state, or null if there is none */
    public SavedState save() {
        return state == null ? null : state.save();
    }
}
