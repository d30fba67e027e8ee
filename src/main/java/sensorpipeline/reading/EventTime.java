package sensorpipeline.reading;

import static java.time.temporal.ChronoField.HOUR_OF_DAY;
import static java.time.temporal.ChronoField.MINUTE_OF_HOUR;
import static java.time.temporal.ChronoField.NANO_OF_SECOND;
import static java.time.temporal.ChronoField.SECOND_OF_MINUTE;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;

/** The device's time of a reading, as the forms that devices write it in. Stateless. */
final class EventTime {

    private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
    private static final Duration AHEAD = Duration.ofDays(1);

    /** Numbers below are seconds since 1970 (up to the year 5138), above milliseconds (from the year 1973). */
    private static final double LEAST_MILLISECONDS = 1e11;

    private static final DateTimeFormatter ISO_8601 = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .appendPattern("uuuu-MM-dd")
            .appendPattern("['T'][ ]")
            .appendValue(HOUR_OF_DAY, 2).appendLiteral(':').appendValue(MINUTE_OF_HOUR, 2)
            .optionalStart().appendLiteral(':').appendValue(SECOND_OF_MINUTE, 2)
            .optionalStart().appendFraction(NANO_OF_SECOND, 1, 9, true).optionalEnd().optionalEnd()
            .optionalStart().appendOffset("+HH:MM", "Z").optionalEnd()
            .optionalStart().appendOffset("+HHmm", "Z").optionalEnd()
            .toFormatter().withResolverStyle(ResolverStyle.STRICT);

    private EventTime() {
    }

    /** @return a time as microseconds since 1970 UTC; what is finer is cut off */
    static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    /** @return the time of ISO 8601 text, in microseconds since 1970 UTC; UTC if the text has no offset */
    static long parse(String text, Instant now) throws RefusedReading {
        try {
            TemporalAccessor parsed = ISO_8601.parseBest(text.strip(), java.time.OffsetDateTime::from, LocalDateTime::from);
            Instant time = parsed instanceof LocalDateTime local ? local.toInstant(ZoneOffset.UTC) : Instant.from(parsed);
            return check(time, text, now);
        } catch (DateTimeException e) {
            throw new RefusedReading("timestamp must be ISO 8601 such as 2025-01-15T10:30:00Z, or epoch seconds or "
                    + "milliseconds; got " + Quoted.of(text));
        }
    }

    /** @return the time of epoch seconds or milliseconds, in microseconds since 1970 UTC */
    static long parse(double number, Instant now) throws RefusedReading {
        double micros = Math.abs(number) < LEAST_MILLISECONDS ? number * 1e6 : number * 1e3;
        // A number too large for a time becomes the largest time, which is too far ahead.
        return check(Instant.EPOCH.plus(Math.round(micros), ChronoUnit.MICROS), String.valueOf(number), now);
    }

    private static long check(Instant time, String given, Instant now) throws RefusedReading {
        if (time.isBefore(EARLIEST)) {
            throw new RefusedReading("timestamp must not be before the year 2000; got " + Quoted.of(given));
        }
        if (time.isAfter(now.plus(AHEAD))) {
            throw new RefusedReading("timestamp must not be more than a day ahead of now; got " + Quoted.of(given));
        }
        return micros(time);
    }
}
