package sensorpipeline.http;

/** A request that cannot be fulfilled; the message is for the client. */
public final class RequestError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    /**
     * @param status HTTP status, 400 to 599
     * @param code what went wrong, for programs, such as {@code invalid_limit}
     * @param message what was wrong and what is allowed, for people
     */
    public RequestError(int status, String code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
    }

    /** @return the HTTP status */
    public int getStatus() {
        return status;
    }

    /** @return what went wrong, for programs */
    public String getCode() {
        return code;
    }
}
