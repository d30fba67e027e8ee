package sensorpipeline.bench;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Random;

/**
 * Times in every form and at every edge, as JSON. None is near enough to "a day ahead of now" for the moment of reading to decide whether it
 * is refused. Not thread-safe: the random numbers are the caller's.
 */
final class FuzzTimes {

    private static final List<String> EDGES = List.of("\"2000-01-01T00:00:00Z\"", "\"1999-12-31T23:59:59.999999Z\"", "\"2000-01-01T00:00:00.000001Z\"", "\"2000-01-01T00:00:00+18:00\"", "\"1999-12-31T06:00:00-18:00\"",
            "\"2000-01-01T18:00:00+18:00\"", "\"2000-01-01T18:00:00+18:01\"", "\"1999-12-31T24:00:00Z\"", "\"2000-02-29T24:00:00Z\"", "\"2000-02-30T00:00:00Z\"", "\"2001-02-29T00:00:00Z\"", "\"2016-12-31T23:59:60Z\"",
            "\"2016-12-31T23:59:60.999999Z\"", "\"2016-12-31T22:59:60Z\"", "\"2016-12-31T23:59:61Z\"", "\"2024-06-30T24:00:01Z\"", "\"0000-01-01T00:00:00Z\"", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59Z\"",
            "\"10000-01-01T00:00:00Z\"", "\"+10000-01-01T00:00:00Z\"", "\"-2020-01-01T00:00:00Z\"", "\"294276-12-31T23:59:59Z\"", "\"294277-01-01T00:00:00Z\"", "\"infinity\"", "\"-infinity\"", "\"now\"", "\"epoch\"", "\"\"", "\" \"",
            "\"2025-10-31 16:00:00\"", "\"2025-10-31T16:02:00+0000\"", "\"20251031T160200Z\"", "\"2025-10-31T16:02:00,5Z\"", "\"2025-10-31T16:02Z\"", "\"2025-10-31\"", "\"2025-W44-5\"", "\"2025-304\"", "\" 2025-10-31T16:02:00Z \"",
            "\"2025-10-31T16:02:00.123456789Z\"", "\"2025-10-31T16:02:00.1234569Z\"", "\"2025-10-31T16:02:00.1234567890123456789012345678901234567890Z\"", "\"2025-10-31T16:02:00 +01\"", "\"2025-10-31T16:02:00\u22121:00\"", "\"\uff12\uff10\uff12\uff15-10-31T16:02:00Z\"",
            "\"2025-13-01T00:00:00Z\"", "\"2025-00-01T00:00:00Z\"", "\"2025-01-00T00:00:00Z\"", "\"2025-01-01T25:00:00Z\"", "\"2025-01-01T00:60:00Z\"", "\"Fri, 31 Oct 2025 16:02:00 GMT\"", "\"1761926520\"", "\"1761926520.123456789\"", "\"-1\"",
            "\"946684800\"", "\"946684799.999999\"", "\"+1761926520\"", "\"1e9\"", "946684800", "946684799", "946684800000", "946684800000000", "946684800000000000", "1761926520123456789", "1761926520.999999999", "1.76192652e9", "176192652e1",
            "0", "-0", "-1", "1e400", "1e-400", "1e99999999999", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "99999999999", "100000000000", "99999999999999", "100000000000000", "99999999999999999",
            "100000000000000000", "0.0000000001", "null", "true", "[]", "{}", "[1761926520]");

    private static final Duration SPAN = Duration.ofHours(3);

    private final Instant day;

    /** @param day start of the day of the run; readings are from hours before it */
    FuzzTimes(Instant day) {
        this.day = day;
    }

    /** @return the time of a valid reading, at one of few thousand milliseconds, in any of the usual forms */
    String usual(Random random) {
        // Not from random times of decades: a database has a partition for each.
        Instant time = day.minusMillis(random.nextInt((int) SPAN.toMillis()));
        return inSomeForm(time, random);
    }

    private static String inSomeForm(Instant time, Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> String.valueOf(time.toEpochMilli());
            case 1 -> time.toEpochMilli() + "000";
            case 2 -> "\"" + time.toEpochMilli() + "000000\"";
            case 3 -> BigDecimal.valueOf(time.toEpochMilli(), 3).toPlainString();
            case 4 -> "\"" + DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time.atOffset(ZoneOffset.ofHoursMinutes(random.nextInt(18), 30))) + "\"";
            default -> "\"" + time + "\"";
        };
    }

    /** @return a time at an edge, or something that looks like one */
    String odd(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> inSomeForm(day.plus(Duration.ofDays(1)).minusNanos(1000L * random.nextInt(5000)), random);
            case 1 -> inSomeForm(day.plus(Duration.ofDays(2)).plus(Duration.ofHours(3)), random);
            case 2 -> inSomeForm(day.minusNanos(1000L * random.nextInt(3_600_000)), random);
            default -> EDGES.get(random.nextInt(EDGES.size()));
        };
    }
}
