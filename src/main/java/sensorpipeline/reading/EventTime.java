package sensorpipeline.reading;

import static java.time.temporal.ChronoField.HOUR_OF_DAY;
import static java.time.temporal.ChronoField.MINUTE_OF_HOUR;
import static java.time.temporal.ChronoField.NANO_OF_SECOND;
import static java.time.temporal.ChronoField.SECOND_OF_MINUTE;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.concurrent.TimeUnit;

/** The device's time of a reading, as the forms that devices write it in. Stateless. */
final class EventTime {

    private static final long EARLIEST = micros(Instant.parse("2000-01-01T00:00:00Z"));
    private static final long AHEAD = TimeUnit.DAYS.toMicros(1);
    /** Answered where the text is left to {@link #parse(String, Instant)}, which also tells what is wrong with it. */
    static final long UNUSUAL = Long.MIN_VALUE;

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
        return time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
    }

    /**
     * Reads {@code 2025-01-15T10:30:00}, with or without a fraction of up to six digits, and {@code Z} or nothing behind
     * it: the form that nearly all devices use, at a tenth of the cost of a formatter.
     *
     * @param text holds the characters, in ASCII
     * @param start index of the first of them
     * @param textEnd index after the last of them
     * @param now the time against which "too far ahead" is measured
     * @return microseconds since 1970 UTC, or {@link #UNUSUAL} for any other form
     */
    static long parseUsual(byte[] text, int start, int textEnd, Instant now) {
        boolean hasZone = textEnd > start && text[textEnd - 1] == 'Z';
        int end = hasZone ? textEnd - 1 : textEnd;
        if (end - start < 19 || end - start > 26 || text[start + 4] != '-' || text[start + 7] != '-' || text[start + 10] != 'T'
                || text[start + 13] != ':' || text[start + 16] != ':' || end - start == 20 || end - start > 19 && text[start + 19] != '.') {
            return UNUSUAL;
        }
        int year = number(text, start, start + 4);
        int month = number(text, start + 5, start + 7);
        int day = number(text, start + 8, start + 10);
        int hour = number(text, start + 11, start + 13);
        int minute = number(text, start + 14, start + 16);
        int second = number(text, start + 17, start + 19);
        int fraction = end - start > 20 ? number(text, start + 20, end) : 0;
        // A day above 28 needs the calendar.
        if (year < 0 || month < 1 || month > 12 || day < 1 || day > 28 && day > YearMonth.of(year, month).lengthOfMonth()
                || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || fraction < 0) {
            return UNUSUAL;
        }
        for (int digits = end - start > 20 ? end - start - 20 : 6; digits < 6; digits++) {
            fraction *= 10;
        }
        long days = LocalDate.of(year, month, day).toEpochDay();
        long micros = (days * 86_400 + hour * 3_600L + minute * 60L + second) * 1_000_000 + fraction;
        return isBetween(micros, now) ? micros : UNUSUAL;
    }

    /** @return the number that these characters are, or -1 if one is no digit */
    private static int number(byte[] text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /** @return the time of ISO 8601 text, in microseconds since 1970 UTC; UTC if the text has no offset */
    static long parse(String text, Instant now) throws RefusedReading {
        try {
            TemporalAccessor parsed = ISO_8601.parseBest(text.strip(), OffsetDateTime::from, LocalDateTime::from);
            Instant time = parsed instanceof LocalDateTime local ? local.toInstant(ZoneOffset.UTC) : Instant.from(parsed);
            return check(micros(time), text, now);
        } catch (DateTimeException e) {
            throw new RefusedReading("timestamp must be ISO 8601 such as 2025-01-15T10:30:00Z, or epoch seconds or "
                    + "milliseconds; got " + Quoted.of(text));
        }
    }

    /** @return the time of epoch seconds or milliseconds, in microseconds since 1970 UTC */
    static long parse(double number, Instant now) throws RefusedReading {
        double micros = Math.abs(number) < LEAST_MILLISECONDS ? number * 1e6 : number * 1e3;
        // A number too large for a time becomes the largest time, which is too far ahead.
        return check(Math.round(micros), String.valueOf(number), now);
    }

    private static boolean isBetween(long micros, Instant now) {
        return micros >= EARLIEST && micros <= micros(now) + AHEAD;
    }

    private static long check(long micros, String given, Instant now) throws RefusedReading {
        if (micros < EARLIEST) {
            throw new RefusedReading("timestamp must not be before the year 2000; got " + Quoted.of(given));
        }
        if (micros > micros(now) + AHEAD) {
            throw new RefusedReading("timestamp must not be more than a day ahead of now; got " + Quoted.of(given));
        }
        return micros;
    }
}
