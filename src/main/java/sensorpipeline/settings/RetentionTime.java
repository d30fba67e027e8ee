package sensorpipeline.settings;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAmount;
import java.util.regex.Pattern;

/**
 * How long something is kept. Immutable.
 *
 * @param text in PostgreSQL's notation
 * @param time the same, or null for forever
 */
public record RetentionTime(String text, TemporalAmount time) {

    /** Short enough for PostgreSQL to subtract from the current time. */
    private static final Pattern TIME = Pattern.compile("[1-9]\\d{0,4}[hd]|[1-9]\\d{0,3}w|[1-9]\\d{0,2}y");

    /**
     * @param settings with a retention such as 12h, 90d, 8w or 5y, or empty for forever
     * @param key of it
     * @return the retention
     * @throws Settings.InvalidSetting if it is none
     */
    public static RetentionTime of(Settings settings, String key) {
        if (!settings.has(key)) {
            return new RetentionTime("infinity", null);
        }
        String time = settings.text(key);
        require(Settings.environmentName(key), time);
        int number = Integer.parseInt(time.substring(0, time.length() - 1));
        return switch (time.charAt(time.length() - 1)) {
            case 'h' -> new RetentionTime(number + " hours", Duration.ofHours(number));
            case 'd' -> new RetentionTime(number + " days", Period.ofDays(number));
            case 'w' -> new RetentionTime(number * 7 + " days", Period.ofWeeks(number));
            default -> new RetentionTime(number + " years", Period.ofYears(number));
        };
    }

    /**
     * @param name of a value, for the message
     * @param time that must be a retention, or empty
     * @throws Settings.InvalidSetting if it is none
     */
    public static void require(String name, String time) {
        if (!time.isEmpty() && !TIME.matcher(time).matches()) {
            throw new Settings.InvalidSetting(name + " must be a time such as 12h, 90d, 8w or 5y, or empty (forever); got '" + time + "'");
        }
    }

    /** @return the time before which nothing is kept, or null if everything is kept forever */
    public Instant before(Instant now) {
        return time == null ? null : OffsetDateTime.ofInstant(now, ZoneOffset.UTC).minus(time).toInstant();
    }
}
