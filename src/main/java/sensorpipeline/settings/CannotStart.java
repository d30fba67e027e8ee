package sensorpipeline.settings;

/** The program cannot start for a reason that the user can fix; the message is one line that says how. */
public final class CannotStart extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message what is wrong and what to do, in one line */
    public CannotStart(String message) {
        super(message);
    }

    /**
     * @param message what is wrong and what to do, in one line
     * @param cause of the problem
     */
    public CannotStart(String message, Throwable cause) {
        super(message, cause);
    }
}
