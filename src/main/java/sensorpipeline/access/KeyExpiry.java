package sensorpipeline.access;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sensorpipeline.reading.Quoted;

/** When a new key expires: text such as {@code 90d}, or a time. */
public final class KeyExpiry {

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,6})([smhdwy])");
    private static final Map<String, Duration> UNITS = Map.of("s", Duration.ofSeconds(1), "m", Duration.ofMinutes(1), "h", Duration.ofHours(1), "d", Duration.ofDays(1),
            "w", Duration.ofDays(7), "y", Duration.ofDays(365));
    private static final Instant LATEST = Instant.parse("9998-12-31T23:59:59Z");

    private KeyExpiry() {
    }

    /**
     * @param name of the field or option, for the message
     * @param text as given; null: the key never expires
     * @param now the time
     * @return the time, to the microsecond; null: never
     * @throws IllegalArgumentException if the text is neither a duration nor a time to come; the message is for who gave it
     */
    public static Instant parse(String name, String text, Instant now) {
        if (text == null) {
            return null;
        }
        Instant time = time(text, now);
        if (time == null || !time.isAfter(now) || time.isAfter(LATEST)) {
            throw new IllegalArgumentException("%s must be a duration such as 90d (s, m, h, d, w, y), or a time to come such as 2030-01-15T00:00:00Z; got %s".formatted(name, Quoted.of(text)));
        }
        return time.truncatedTo(ChronoUnit.MICROS);
    }

    private static Instant time(String text, Instant now) {
        Matcher duration = DURATION.matcher(text);
        if (duration.matches()) {
            return now.plus(UNITS.get(duration.group(2)).multipliedBy(Long.parseLong(duration.group(1))));
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
