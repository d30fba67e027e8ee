package sensorpipeline.reading;

/** These bytes are no reading; the message is the reason, in words for the device's maker. */
public final class RefusedReading extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param reason what is wrong and what is allowed, in one line */
    public RefusedReading(String reason) {
        // Refusals can come at full speed and their stack says nothing: leave it out.
        super(reason, null, false, false);
    }

    /** @return the refusal of a record that has a field more than once */
    static RefusedReading givenTwice(String name) {
        return new RefusedReading("field " + Quoted.of(name) + " is given twice");
    }
}
