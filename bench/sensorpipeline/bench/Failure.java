package sensorpipeline.bench;

/** A run that cannot go on; the message is all that the user needs. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failure(String message) {
        super(message);
    }
}
