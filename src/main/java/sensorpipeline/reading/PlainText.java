package sensorpipeline.reading;

/** Rules for names and text in a reading. Stateless. */
public final class PlainText {

    /** Of names of sensors, locations and metrics, in characters. */
    static final int LONGEST_NAME = 200;

    private PlainText() {
    }

    /**
     * @param name of a metric
     * @throws RefusedReading if a metric cannot have this name
     */
    public static void requireMetric(String name) throws RefusedReading {
        require("the name of a metric", name, 1, LONGEST_NAME);
    }

    /** Rejects a text that has fewer than {@code least} or more than {@code most} characters, or a control character. */
    static void require(String what, String text, int least, int most) throws RefusedReading {
        int length = text.codePointCount(0, text.length());
        if (length < least || length > most) {
            throw new RefusedReading("%s must be text of %d to %d characters; got %d: %s"
                    .formatted(what, least, most, length, Quoted.of(text)));
        }
        if (!text.codePoints().allMatch(Quoted::isPlain)) {
            throw new RefusedReading(what + " must not contain control characters or half characters; got " + Quoted.of(text));
        }
    }

    /** @return the text if PostgreSQL's jsonb can store it; any other is rejected */
    static String storable(String text) throws RefusedReading {
        if (text.codePoints().anyMatch(c -> c == 0 || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new RefusedReading("text must not contain the NUL character or half characters; got " + Quoted.of(text));
        }
        return text;
    }
}
