package sensorpipeline.rules;

/** An alert that an {@link Evaluation} of stored readings has found. Not thread-safe. */
public final class EvaluatedAlert {

    private final String location;
    private final Transition fired;
    private Transition worst;
    private Transition last;

    /**
     * @param location of the reading that made it fire, or null
     * @param fired its first transition
     */
    public EvaluatedAlert(String location, Transition fired) {
        this.location = location;
        this.fired = fired;
        worst = fired;
        last = fired;
    }

    /** @param transition the next one of it */
    public void follow(Transition transition) {
        worst = transition.severity().compareTo(worst.severity()) > 0 ? transition : worst;
        last = transition;
    }

    /** @return the location of the reading that made it fire, or null */
    public String location() {
        return location;
    }

    /** @return its first transition */
    public Transition fired() {
        return fired;
    }

    /** @return the transition to the highest severity */
    public Transition worst() {
        return worst;
    }

    /** @return its last transition so far */
    public Transition last() {
        return last;
    }

    /** @return whether it is over */
    public boolean isCleared() {
        return last.kind() == Transition.Kind.CLEARED;
    }
}
