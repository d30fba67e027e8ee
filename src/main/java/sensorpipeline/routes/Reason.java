package sensorpipeline.routes;

/** Why something failed, in one line. */
final class Reason {

    private static final int MOST_CHARACTERS = 400;

    private Reason() {
    }

    /** @return the message of the root cause, in one line of at most 400 characters */
    static String of(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        String line = message.strip().replaceAll("\\s+", " ");
        return line.length() <= MOST_CHARACTERS ? line : line.substring(0, MOST_CHARACTERS) + "...";
    }
}
