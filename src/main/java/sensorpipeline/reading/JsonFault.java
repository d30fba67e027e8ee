package sensorpipeline.reading;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.regex.Pattern;

/** Tells the sender of a text what keeps it from being JSON. */
public final class JsonFault {

    private static final int LONGEST = 200;
    /** What Jackson adds for programmers: names of its settings, and places in a source that it does not show. */
    private static final Pattern FOR_PROGRAMMERS = Pattern.compile(" \\(start marker at \\[.*?\\]\\)|, from `[^`]*`|: enable `[^`]*` to allow.*");

    private JsonFault() {
    }

    /** @return what is wrong, in one line of about 200 characters at most */
    public static String describe(JsonProcessingException fault) {
        String line = fault.getOriginalMessage() == null ? "unreadable" : fault.getOriginalMessage().lines().findFirst().orElse("unreadable");
        String shown = FOR_PROGRAMMERS.matcher(line).replaceAll("");
        return shown.length() > LONGEST ? shown.substring(0, LONGEST) + "..." : shown;
    }
}
