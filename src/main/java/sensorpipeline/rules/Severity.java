package sensorpipeline.rules;

import java.util.Locale;

/** How bad an alert is, the least first. */
public enum Severity {
    INFO, WARNING, CRITICAL;

    /** @return its name in JSON, such as {@code critical} */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @return the severity with this name in JSON */
    public static Severity of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
