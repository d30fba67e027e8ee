package sensorpipeline.rules;

/**
 * Whether a level is active, and how long the readings have been such that this is about to change: a delay before it becomes active, and one before it
 * ceases to be (on-delay and off-delay of OPC UA Part 9). Not thread-safe.
 */
final class LevelState {

    private final Limit limit;
    private boolean isActive;
    private boolean isChanging;
    private long changingSince;
    private long passed;

    LevelState(Limit limit) {
        this.limit = limit;
    }

    /** A level as it was saved. */
    LevelState(Limit limit, SavedState.OfLevel saved) {
        this.limit = limit;
        isActive = saved.isActive();
        isChanging = saved.isChanging();
        changingSince = saved.changingSince();
        passed = saved.passed();
    }

    SavedState.OfLevel save() {
        return new SavedState.OfLevel(isActive, isChanging, changingSince, passed);
    }

    /**
     * @param at time of a reading, in microseconds
     * @param elapsed time since the reading before, as far as it counts
     * @param delay for which the limit has to be breached
     * @param clearDelay for which the breach has to be over
     */
    void read(long at, double value, long elapsed, long delay, long clearDelay) {
        if (isActive ? !limit.isClearedBy(value) : !limit.isBreachedBy(value)) {
            isChanging = false;
            return;
        }
        if (isChanging) {
            passed += elapsed;
        } else {
            isChanging = true;
            changingSince = at;
            passed = 0;
        }
        if (passed >= (isActive ? clearDelay : delay)) {
            isActive = !isActive;
            isChanging = false;
        }
    }

    /** The rule does not apply from a time on. */
    void reset(long at) {
        isActive = false;
        isChanging = false;
        changingSince = at;
        passed = 0;
    }

    boolean isActive() {
        return isActive;
    }

    /** @return whether the limit is breached, but not for long enough yet */
    boolean isPending() {
        return !isActive && isChanging;
    }

    /** @return since when the readings have been such that they changed the level last, or are about to change it, in microseconds since 1970 UTC */
    long changingSince() {
        return changingSince;
    }

    /** @return how long they were, as far as it counts */
    long passed() {
        return passed;
    }
}
