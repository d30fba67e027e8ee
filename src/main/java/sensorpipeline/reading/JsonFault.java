package sensorpipeline.reading;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.regex.Pattern;

/** Explains to the sender of a text why it is not valid JSON. */
public final class JsonFault {

    private static final int LONGEST = 200;
    /** Parts of Jackson's messages for programmers: names of its settings, and positions in a source that it does not show. */
    private static final Pattern FOR_PROGRAMMERS = Pattern.compile(" \\(start marker at \\[.*?\\]\\)|, from `[^`]*`|: enable `[^`]*` to allow.*");

    private JsonFault() {
    }

    /** @return the error in one line of at most about 200 characters */
    public static String describe(JsonProcessingException fault) {
        String line = fault.getOriginalMessage() == null ? "unreadable" : fault.getOriginalMessage().lines().findFirst().orElse("unreadable");
        String shown = FOR_PROGRAMMERS.matcher(line).replaceAll("");
        return shown.length() > LONGEST ? shown.substring(0, LONGEST) + "..." : shown;
    }
}
