package sensorpipeline.reading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventTimeTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private static Reading reading(String timestamp) throws RefusedReading {
        String json = "{\"sensor_id\":\"s\",\"t\":1,\"timestamp\":" + timestamp + "}";
        return new ReadingParser().parse("default", json.getBytes(StandardCharsets.UTF_8), NOW);
    }

    private static String refusal(String timestamp) {
        return assertThrows(RefusedReading.class, () -> reading(timestamp)).getMessage();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "2025-01-15T10:30:00.123456Z | 2025-01-15T10:30:00.123456Z",
        "2025-01-15T10:30:00.1234567Z | 2025-01-15T10:30:00.123456Z",
        "2025-01-15T10:30:00.123456999Z | 2025-01-15T10:30:00.123456Z",
        "2025-01-15T10:30:00.1234569999999Z | 2025-01-15T10:30:00.123456Z",
        "2025-01-15T10:30:00.5 | 2025-01-15T10:30:00.500Z",
        "2025-01-15T10:30:00,123Z | 2025-01-15T10:30:00.123Z",
        "2025-01-15T11:30:00+01:00 | 2025-01-15T10:30:00Z",
        "2025-01-15T11:30:00+0100 | 2025-01-15T10:30:00Z",
        "2025-01-15T17:30:00+07 | 2025-01-15T10:30:00Z",
        "2025-01-15T05:00:00-05:30 | 2025-01-15T10:30:00Z",
        "2025-01-15T10:30:00-00:00 | 2025-01-15T10:30:00Z",
        "2025-01-15 11:30:00 +0100 | 2025-01-15T10:30:00Z",
        "2025-01-15T10:30:00z | 2025-01-15T10:30:00Z",
        "2025-01-15t10:30:00Z | 2025-01-15T10:30:00Z",
        "2025-01-15 10:30:00 | 2025-01-15T10:30:00Z",
        "2025-01-15T10:30:00 | 2025-01-15T10:30:00Z",
        "2025-01-15 10:30 | 2025-01-15T10:30:00Z",
        "2025-01-15T10:30Z | 2025-01-15T10:30:00Z",
        "20250115T103000Z | 2025-01-15T10:30:00Z",
        "20250115T1030+0100 | 2025-01-15T09:30:00Z",
        "20250115T103000.250+01 | 2025-01-15T09:30:00.250Z",
        "2024-02-29T23:59:59Z | 2024-02-29T23:59:59Z",
        "2025-01-14T24:00:00Z | 2025-01-15T00:00:00Z",
        "2016-12-31T23:59:60Z | 2017-01-01T00:00:00Z",
        "2017-01-01T00:59:60.5+01:00 | 2017-01-01T00:00:00.500Z",
        "2026-01-03T03:04:04Z | 2026-01-03T03:04:04Z",
        "2000-01-01T00:00:00Z | 2000-01-01T00:00:00Z",
        "1736937000 | 2025-01-15T10:30:00Z",
        "1736937000.123 | 2025-01-15T10:30:00.123Z",
        "1736937000.1234569 | 2025-01-15T10:30:00.123456Z",
        "1736937000123 | 2025-01-15T10:30:00.123Z",
        "1736937000123.9999 | 2025-01-15T10:30:00.123999Z",
        "1736937000123456 | 2025-01-15T10:30:00.123456Z",
        "1736937000123456.9 | 2025-01-15T10:30:00.123456Z",
        "1736937000123456789 | 2025-01-15T10:30:00.123456Z",
        "1736937000123456999 | 2025-01-15T10:30:00.123456Z",
        "946684800 | 2000-01-01T00:00:00Z",
        "946684800000000000 | 2000-01-01T00:00:00Z",
    })
    void readsTimesAsDevicesWriteThem(String given, Instant expected) throws RefusedReading {
        assertEquals(EventTime.micros(expected), reading("\"" + given + "\"").at());
        assertEquals(EventTime.micros(expected), reading("\" " + given + " \"").at(), "with blanks around it");
        assertEquals(EventTime.micros(expected), EventTime.read(given), "in a file");
        if (given.matches("[0-9.]+")) {
            assertEquals(EventTime.micros(expected), reading(given).at(), "as a number");
        }
    }

    @ParameterizedTest
    @CsvSource({"1.736937e9, 2025-01-15T10:30:00Z", "1.736937000123E12, 2025-01-15T10:30:00.123Z", "1736937000123456789.0, 2025-01-15T10:30:00.123456Z"})
    void readsNumbersWithAnExponent(String given, Instant expected) throws RefusedReading {
        assertEquals(EventTime.micros(expected), reading(given).at());
    }

    @Test
    void readsEveryUnitOfEveryTimeFrom2000To2100() throws RefusedReading {
        Random random = new Random(20260102);
        Instant later = Instant.parse("2100-01-01T00:00:00Z");
        for (int i = 0; i < 20_000; i++) {
            long nanos = Math.multiplyExact(random.nextLong(946_684_800L, 4_102_444_800L), 1_000_000_000L) + random.nextInt(1_000_000_000);
            for (long unit : new long[] {1, 1_000, 1_000_000, 1_000_000_000}) {
                long number = nanos / unit;
                long expected = number * unit / 1_000;
                assertEquals(expected, EventTime.parseNumber(String.valueOf(number), later));
                assertEquals(expected, EventTime.parse(String.valueOf(number), later));
                assertEquals(expected, EventTime.parseUsual(number, later));
            }
            assertEquals(nanos / 1_000, EventTime.parseNumber("%d.%09d".formatted(nanos / 1_000_000_000, nanos % 1_000_000_000), later));
        }
    }

    @Test
    void readsEveryOffsetAsJavaDoes() {
        for (int minutes = -18 * 60; minutes <= 18 * 60; minutes++) {
            String offset = ZoneOffset.ofTotalSeconds(minutes * 60).getId();
            String text = "2025-03-01T00:00:00" + offset;
            assertEquals(OffsetDateTime.parse(text).toInstant(), EventTime.instant(EventTime.read(text)), text);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'\"9999-12-31T23:59:59Z\"', more than a day ahead of now; got 9999-12-31T23:59:59Z",
        "'\"2026-01-03T03:04:06Z\"', more than a day ahead of now; got 2026-01-03T03:04:06Z",
        "'\"1999-12-31T23:59:59Z\"', before the year 2000; got 1999-12-31T23:59:59Z",
        "'\"2000-01-01 01:00+02\"', before the year 2000; got 1999-12-31T23:00:00Z ('2000-01-01 01:00+02')",
        "'\"0001-01-01T00:00:00Z\"', before the year 2000; got 0001-01-01T00:00:00Z",
        "1767500000, more than a day ahead of now; got 2026-01-04T04:13:20Z ('1767500000')",
        "1767500000000, more than a day ahead of now; got 2026-01-04T04:13:20Z ('1767500000000')",
        "1767500000000000001, more than a day ahead of now; got 2026-01-04T04:13:20Z ('1767500000000000001')",
        "'\"1767500000\"', more than a day ahead of now; got 2026-01-04T04:13:20Z ('1767500000')",
        "20250115103000, more than a day ahead of now; got 2611-09-14T07:58:23Z ('20250115103000')",
        "0, before the year 2000; got 1970-01-01T00:00:00Z ('0')",
        "-5, before the year 2000; got 1969-12-31T23:59:55Z ('-5')",
        "-1736937000123456, before the year 2000; got 1914-",
        "1e-999999999, before the year 2000; got 1970-01-01T00:00:00Z",
        "1e300, more than a day ahead of now; got '1e300'",
        "1e999999999, more than a day ahead of now",
        "1e99999999999, more than a day ahead of now; got '1e99999999999'",
        "1e-99999999999, before the year 2000; got 1970-01-01T00:00:00Z",
        "9999999999999999999, more than a day ahead of now; got 2286-11-20T17:46:39.999999Z",
        "99999999999999999999999999, more than a day ahead of now",
        "-1e999, before the year 2000",
        "'\"-1736937000\"', before the year 2000; got 1914-",
    })
    void namesATimeThatIsOutOfRangeInIsoForm(String given, String reason) {
        String message = refusal(given);
        assertTrue(message.startsWith("timestamp must not be " + reason), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"2025-02-30T10:00:00Z\"", "\"2025-02-29T10:00:00Z\"", "\"2025-13-01T10:00:00Z\"", "\"2025-00-10T10:00:00Z\"", "\"0000-00-00 00:00:00\"",
        "\"2026-11-26\"", "\"2026-11-26T\"", "\"2025-01-15T10\"", "\"2025-01-15T10Z\"", "\"2025-01-15T25:00:00Z\"", "\"2025-01-15T24:00:01Z\"", "\"2025-01-15T24:00:00.1Z\"",
        "\"2025-01-15T10:60:00Z\"", "\"2025-01-15T10:30:60Z\"", "\"2025-01-15T10:30:61Z\"", "\"2025-01-15T10:30:00.Z\"", "\"2025-01-15T10:30:00.1 2Z\"",
        "\"2025-01-15T10:30:00+\"", "\"2025-01-15T10:30:00+1\"", "\"2025-01-15T10:30:00+001\"", "\"2025-01-15T10:30:00+19:00\"", "\"2025-01-15T10:30:00+18:01\"",
        "\"2025-01-15T10:30:00+01:60\"", "\"2025-01-15T10:30:00ZZ\"", "\"2025-01-15T10:30:00 UTC\"", "\"2025-01-15T10:30:00[Europe/Berlin]\"", "\"2025-1-5T10:30:00Z\"",
        "\"20250115T10:30:00Z\"", "\"2025-01-15T103000Z\"", "\"10000-01-01T00:00:00Z\"", "\"+10000-01-01T00:00:00Z\"", "\"-0001-01-01T00:00:00Z\"", "\"2025-01-15_10:30:00\"",
        "\"15.01.2025 10:30\"", "\"1/15/2025 10:30 AM\"", "\"Wed, 15 Jan 2025 10:30:00 GMT\"", "\"1 736 937 000\"", "\"1736937000,5\"", "\"1_736_937_000\"", "\"0x67878ae8\"",
        "\"yesterday\"", "\"\"", "\" \"", "\"２０２５-01-15T10:30:00Z\"", "true", "null", "{}", "[1736937000]"})
    void refusesWhatIsNoTimeAndSaysWhatIs(String given) {
        String message = refusal(given);
        assertTrue(message.startsWith("timestamp must be ISO 8601 such as 2025-01-15T10:30:00Z, or epoch seconds, milliseconds, microseconds or nanoseconds; got "),
                message);
    }

    @Test
    void aTimeOfARequestHasAnOffsetAndIsCutAsThatOfAReading() {
        assertEquals(Instant.parse("2025-01-15T10:30:00.123456Z"), EventTime.readWithOffset("2025-01-15T10:30:00.1234569Z"));
        assertEquals(Instant.parse("2025-01-15T10:30:00Z"), EventTime.readWithOffset("2025-01-15 17:30:00+07"));
        assertEquals(Instant.parse("0001-01-01T00:00:00Z"), EventTime.readWithOffset("0001-01-01T00:00:00Z"));
        for (String text : new String[] {"2025-01-15T10:30:00", "2025-01-15 10:30", "1736937000", "-7", "yesterday", "", "-4713-01-01T00:00:00Z"}) {
            assertNull(EventTime.readWithOffset(text), text);
        }
    }
}
