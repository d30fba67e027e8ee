package sensorpipeline.bench;

/** A wrong command line; the message says what was wrong and what is allowed. */
final class Misuse extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    Misuse(String message) {
        super(message);
    }
}
