package sensorpipeline.reading;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * The device's time of a reading, in all formats that devices use. The consumer, file replay and the REST API all parse
 * times here, so that they agree to the microsecond. Stateless.
 */
public final class EventTime {

    /** Returned by {@link #read} for text that is not a time. */
    public static final long NOT_A_TIME = Iso8601.NOT_A_TIME;

    /** Returned if the full parser must check a time, and report what is wrong, if anything. */
    static final long UNUSUAL = Long.MIN_VALUE;

    private static final long EARLIEST = micros(Instant.parse("2000-01-01T00:00:00Z"));
    private static final long AHEAD = TimeUnit.DAYS.toMicros(1);
    private static final String ALLOWED =
            "timestamp must be ISO 8601 such as 2025-01-15T10:30:00Z, or epoch seconds, milliseconds, microseconds or nanoseconds";
    private static final DateTimeFormatter MICROSECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    /** Longer numbers are not times, and expensive to convert. */
    private static final int LONGEST_NUMBER = 100;

    private EventTime() {
    }

    /** @return a time as microseconds since 1970 UTC, truncated */
    public static long micros(Instant time) {
        return time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
    }

    /** @return microseconds since 1970 UTC as a time */
    public static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
    }

    /** @return microseconds since 1970 UTC as the REST API writes times: ISO 8601 in UTC with six digits of a second */
    public static String text(long micros) {
        return MICROSECONDS.format(instant(micros));
    }

    /**
     * @param text ISO 8601, or a number of seconds, milliseconds, microseconds or nanoseconds since 1970 UTC
     * @return microseconds since 1970 UTC, of any year; UTC if ISO 8601 text has no offset; {@link #NOT_A_TIME} if it is neither
     */
    public static long read(String text) {
        String time = text.strip();
        if (EpochTime.isDigits(time)) {
            return EpochTime.micros(new BigDecimal(time));
        }
        // A character outside of ISO 8859-1 becomes a question mark, which no time contains.
        byte[] characters = time.getBytes(StandardCharsets.ISO_8859_1);
        return Iso8601.micros(characters, 0, characters.length);
    }

    /**
     * @param number a JSON number
     * @return microseconds since 1970 UTC, of any year, or {@link #NOT_A_TIME} if it is too large in every unit
     */
    public static long readNumber(String number) {
        if (number.length() > LONGEST_NUMBER) {
            return NOT_A_TIME;
        }
        try {
            return EpochTime.micros(new BigDecimal(number));
        } catch (NumberFormatException e) {
            // JSON allows exponents that exceed an int.
            return number.matches(".*[eE]-.*") ? 0 : NOT_A_TIME;
        }
    }

    /** @return the instant of ISO 8601 text with an offset or {@code Z}, truncated to microseconds, or null for any other format */
    public static Instant readWithOffset(String text) {
        long micros = EpochTime.isDigits(text) || !Iso8601.hasOffset(text) ? NOT_A_TIME : read(text);
        return micros == NOT_A_TIME ? null : instant(micros);
    }

    /** @return true if a reading may have this time: not before the year 2000, nor more than a day ahead of {@code now} */
    public static boolean isAcceptable(long micros, Instant now) {
        return micros >= EARLIEST && micros <= micros(now) + AHEAD;
    }

    /**
     * Parses ISO 8601 at a tenth of the cost of a formatter.
     *
     * @param text contains the characters, in ASCII
     * @param start index of the first of them
     * @param end index after the last of them
     * @param now reference for times too far in the future
     * @return microseconds since 1970 UTC, or {@link #UNUSUAL} for any other format and for times that are not acceptable
     */
    static long parseUsual(byte[] text, int start, int end, Instant now) {
        long micros = Iso8601.micros(text, start, end);
        return isAcceptable(micros, now) ? micros : UNUSUAL;
    }

    /** Like {@link #parseUsual(byte[], int, int, Instant)}, for an integer. */
    static long parseUsual(long number, Instant now) {
        long micros = EpochTime.micros(number);
        return isAcceptable(micros, now) ? micros : UNUSUAL;
    }

    /** @return the time of ISO 8601 or numeric text, in microseconds since 1970 UTC; UTC if the text has no offset */
    static long parse(String text, Instant now) throws RefusedReading {
        if (EpochTime.isDigits(text.strip())) {
            return parseNumber(text.strip(), now);
        }
        long micros = read(text);
        if (micros == NOT_A_TIME) {
            throw new RefusedReading(ALLOWED + "; got " + Quoted.of(text));
        }
        return check(micros, text, now);
    }

    /** @return the time of epoch seconds, milliseconds, microseconds or nanoseconds, in microseconds since 1970 UTC */
    static long parseNumber(String number, Instant now) throws RefusedReading {
        long micros = readNumber(number);
        if (micros == NOT_A_TIME) {
            throw new RefusedReading(range(number.startsWith("-")) + "; got " + Quoted.of(number) + ", which is too large in every unit");
        }
        return check(micros, number, now);
    }

    /** @return the exception for a value that is neither text nor a number */
    static RefusedReading refusal(String kind) {
        return new RefusedReading(ALLOWED + "; got " + kind);
    }

    private static long check(long micros, String given, Instant now) throws RefusedReading {
        if (!isAcceptable(micros, now)) {
            String time = instant(micros).toString();
            throw new RefusedReading(range(micros < EARLIEST) + "; got " + (time.equals(given) ? given : time + " (" + Quoted.of(given) + ")"));
        }
        return micros;
    }

    private static String range(boolean isEarly) {
        return isEarly ? "timestamp must not be before the year 2000" : "timestamp must not be more than a day ahead of now";
    }
}
