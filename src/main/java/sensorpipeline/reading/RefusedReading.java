package sensorpipeline.reading;

/** These bytes are not a reading; the message is the reason, written for the device's manufacturer. */
public final class RefusedReading extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param reason what is wrong and what is allowed, in one line */
    public RefusedReading(String reason) {
        // Without a stack trace, because rejections can occur at full rate and their stack has no information.
        super(reason, null, false, false);
    }

    /** @return the exception for a record with a duplicate field */
    static RefusedReading givenTwice(String name) {
        return new RefusedReading("field " + Quoted.of(name) + " is given twice");
    }
}
