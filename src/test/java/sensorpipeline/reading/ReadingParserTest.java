package sensorpipeline.reading;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReadingParserTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private final ReadingParser parser = new ReadingParser();

    private Reading parse(String json) throws RefusedReading {
        return parser.parse("default", json.getBytes(StandardCharsets.UTF_8), NOW);
    }

    private String refusal(String json) {
        return assertThrows(RefusedReading.class, () -> parse(json)).getMessage();
    }

    private static String with(String fields) {
        return "{\"sensor_id\":\"s\",\"timestamp\":\"2025-01-15T10:30:00Z\"," + fields + "}";
    }

    @Test
    void readsTheReadingOfTheSpecification() throws RefusedReading {
        Reading reading = parse("""
                {"sensor_id": "sensor-001", "location": "warehouse-a", "temperature": 21.4, "humidity": 44.8,
                 "timestamp": "2025-01-15T10:30:00.123Z"}""");
        assertEquals(new Series("default", "sensor-001", "warehouse-a"), reading.series());
        assertEquals(List.of("humidity", "temperature"), reading.metrics());
        assertArrayEquals(new double[] {44.8, 21.4}, reading.values());
        assertEquals(EventTime.micros(Instant.parse("2025-01-15T10:30:00.123Z")), reading.at());
        assertNull(reading.attributes());
    }

    @Test
    void takesEveryNumberAndBooleanAsAMetricUnderItsOwnName() throws RefusedReading {
        Reading reading = parse(with("\"heart_rate\":61,\"metrics\":{\"co2\":400.5,\"open\":true},\"alarm\":false"));
        assertEquals(List.of("alarm", "co2", "heart_rate", "open"), reading.metrics());
        assertArrayEquals(new double[] {0, 400.5, 61, 1}, reading.values());
    }

    @Test
    void keepsOtherFieldsAsAttributesAsTheyAre() throws RefusedReading {
        Reading reading = parse(with("\"t\":1,\"unit\":\"°C\",\"tags\":[1,2.50,{\"a\":null}],\"note\":null,\"metrics\":{\"mode\":\"eco\"}"));
        assertEquals("{\"unit\":\"°C\",\"tags\":[1,2.50,{\"a\":null}],\"note\":null,\"mode\":\"eco\"}", reading.attributes());
    }

    @Test
    void keepsANumberWhoseNameAnswersUseAsAnAttribute() throws RefusedReading {
        assertEquals("{\"received_at\":5,\"sensor_id\":7}", parse(with("\"t\":1,\"received_at\":5,\"metrics\":{\"sensor_id\":7}")).attributes());
    }

    @Test
    void readsNamesOfAnyLanguage() throws RefusedReading {
        Reading reading = parse("{\"sensor_id\":\"Cảm biến ١ 🌡\",\"location\":\"Münster Süd\",\"t\":1,\"timestamp\":1736937000}");
        assertEquals("Cảm biến ١ 🌡", reading.series().sensorId());
        assertEquals("Münster Süd", reading.series().location());
    }

    @ParameterizedTest
    @CsvSource({"37185", "0", "-7", "12345678901234567890", "123456789012345"})
    void takesAWholeNumberAsSensorIdByItsDigits(String number) throws RefusedReading {
        assertEquals(number, parse("{\"sensor_id\":" + number + ",\"t\":1,\"timestamp\":1736937000}").series().sensorId());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{\"lat\":1,\"lng\":2}", "19001", "[8.5,47.25]", "true", "-1.50"})
    void keepsALocationThatIsNoTextAsAnAttribute(String location) throws RefusedReading {
        Reading reading = parse(with("\"t\":1,\"location\":" + location));
        assertNull(reading.series().location());
        assertEquals("{\"location\":" + location + "}", reading.attributes());
        assertEquals(List.of("t"), reading.metrics());
    }

    @Test
    void takesNullAsNoLocation() throws RefusedReading {
        Reading reading = parse(with("\"t\":1,\"location\":null"));
        assertNull(reading.series().location());
        assertNull(reading.attributes());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "[1,2]| an array; send each reading as a record of its own",
        "\"{\\\"sensor_id\\\":1}\"| it was encoded twice",
        "17| a number",
        "\"text\"| text",
        "null| null",
        "{}| sensor_id is missing",
        "{\"sensor_id\":\"s\",\"t\":1}| timestamp is missing",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000}| no metric",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":null}| no metric",
        "{\"sensor_id\":5.5,\"timestamp\":1736937000,\"t\":1}| a whole number; got '5.5'",
        "{\"sensor_id\":1e3,\"timestamp\":1736937000,\"t\":1}| a whole number; got '1e3'",
        "{\"sensor_id\":true,\"timestamp\":1736937000,\"t\":1}| a whole number; got a boolean",
        "{\"sensor_id\":null,\"timestamp\":1736937000,\"t\":1}| a whole number; got null",
        "{\"sensor_id\":[5],\"timestamp\":1736937000,\"t\":1}| a whole number; got an array",
        "{\"sensor_id\":5,\"sensor_id\":5,\"timestamp\":1736937000,\"t\":1}| 'sensor_id' is given twice",
        "{\"sensor_id\":\"\",\"timestamp\":1736937000,\"t\":1}| 1 to 200 characters",
        "{\"sensor_id\":\"a\\u0000b\",\"timestamp\":1736937000,\"t\":1}| control characters",
        "{\"sensor_id\":\"a\\ud800b\",\"timestamp\":1736937000,\"t\":1}| half characters",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1,\"t\":2}| 't' is given twice",
        "{\"sensor_id\":\"s\",\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1}| 'sensor_id' is given twice",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1,\"a\":\"x\",\"a\":\"y\"}| 'a' is given twice",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"a\":1,\"a\":\"y\"}| 'a' is given twice",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1,\"metrics\":{\"t\":1}}| 't' is given twice",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1,\"o\":{\"b\":1,\"b\":2}}| 'b'",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1,\"location\":{},\"location\":\"a\"}| 'location' is given twice",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"timestamp\":1736937000,\"t\":1}| 'timestamp' is given twice",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1,\"metrics\":[1]}| metrics must be a JSON object",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1e999}| finite",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":NaN}| NaN",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":Infinity}| Infinity",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1,\"a\":[1e400000]}| a number must be",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1,\"a\":[1e-400000]}| a number must be",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1,\"a\":[0e-20000]}| 0 must be written with at most 16,000 places",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1,\"a\":{\"b\":-0.00E+9999999999}}| got '-0.00E+9999999999'",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1,\"a\":\"x\\u0000\"}| NUL",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"\":1}| name of a metric",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1}{}| more follows",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1| not valid JSON",
        "{\"sensor_id\":\"s\",\"timestamp\":1736937000,\"t\":1,\"a\":[1| not valid JSON",
        "nonsense| not valid JSON",
    })
    void refusesWhatIsNoReadingAndSaysWhy(String json, String reason) {
        String message = refusal(json.strip());
        assertTrue(message.contains(reason.strip()), message);
        assertTrue(message.lines().count() == 1, message);
    }

    @Test
    void refusesBytesThatAreNoText() {
        byte[] bytes = with("\"t\":1,\"a\":\"?\"").getBytes(StandardCharsets.ISO_8859_1);
        bytes[bytes.length - 3] = (byte) 0xff;
        String message = assertThrows(RefusedReading.class, () -> parser.parse("default", bytes, NOW)).getMessage();
        assertTrue(message.startsWith("not valid JSON in UTF-8: at byte"), message);
        assertTrue(assertThrows(RefusedReading.class, () -> parser.parse("default", null, NOW)).getMessage().contains("empty"));
        assertTrue(assertThrows(RefusedReading.class, () -> parser.parse("default", new byte[0], NOW)).getMessage().contains("empty"));
    }

    @Test
    void refusesNumbersThatBecomeTooLongWithoutExponents() throws RefusedReading {
        assertEquals("{\"a\":[1e308" + ",0e-16000".repeat(65) + "]}", parse(with("\"t\":1,\"a\":[1e308" + ",0e-16000".repeat(65) + "]")).attributes());
        String reason = "fields that are no metrics must not need more than 1048576 characters when their numbers are written without exponents";
        assertEquals(reason, refusal(with("\"t\":1,\"a\":[1" + ",0e-16000".repeat(66) + "]")));
        assertEquals(reason, refusal(with("\"t\":1,\"a\":[1" + ",1E308".repeat(3405) + "]")));
        assertEquals(reason, refusal(with("\"t\":1,\"a\":[1" + ",1e-308".repeat(1703) + "],\"b\":[1" + ",1e-308".repeat(1703) + "]")));
    }

    @ParameterizedTest
    @CsvSource({"1e-270,1e-270", "-1e-270,-1e-270", "9.999e-271,0", "-4.9e-324,0", "1e-400,0"})
    void takesAMetricThatIsTooSmallForAveragesAsZero(String number, double value) throws RefusedReading {
        assertEquals(value, parse(with("\"t\":" + number)).values()[0]);
    }

    @Test
    void takesANumberOf300DigitsAsTheNearestDouble() throws RefusedReading {
        assertEquals(1e299, parse(with("\"t\":1" + "0".repeat(299))).values()[0]);
        assertTrue(refusal(with("\"t\":1" + "0".repeat(400))).contains("finite"));
    }

    @Test
    void refusesDeepNestingAndLongNames() {
        assertTrue(refusal(with("\"t\":1,\"a\":" + "[".repeat(10_000) + "]".repeat(10_000))).contains("nesting depth"));
        assertTrue(refusal("{\"sensor_id\":\"" + "x".repeat(10_000) + "\",\"t\":1,\"timestamp\":1736937000}").contains("got 10000"));
        assertTrue(refusal(with("\"" + "m".repeat(201) + "\":1")).contains("name of a metric"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50, 1000})
    void takesManyMetricsInAnyOrder(int count) throws RefusedReading {
        StringBuilder fields = new StringBuilder();
        for (int i = count - 1; i >= 0; i--) {
            fields.append(",\"m%04d\":%d".formatted(i, i));
        }
        Reading reading = parse(with(fields.substring(1)));
        assertEquals(count, reading.values().length);
        assertEquals("m0000", reading.metrics().get(0));
        assertEquals(count - 1, reading.values()[count - 1]);
    }

    /** The fast path for common records must return the same values and rejections as the full parser. */
    @Test
    void readsRecordsOfTheUsualFormAsTheFullParserDoes() {
        Random random = new Random(20260102);
        String[] times = {"\"2025-01-15T10:30:00Z\"", "\"2025-01-15T10:30:00.1Z\"", "\"2024-02-29T23:59:59.123456\"", "\"2025-02-29T10:00:00Z\"",
            "\"2025-12-31T24:00:00Z\"", "\"2025-01-15T10:30:00.1234567Z\"", "\"2025-01-15T10:30:00.Z\"", "\"2025-01-15 10:30\"", "\"1999-12-31T23:59:59Z\"",
            "\"2026-01-03T03:04:05.000001Z\"", "\"2025-01-15T10:30:00+01:00\"", "\"-025-01-15T10:30:00Z\"", "1736937000", "null", "\"\"",
            "1736937000123456", "1736937000.5", "-1", "1e9", "\"1736937000\"", "\"2025-01-15t10:30:00,5z\"", "\"20250115T1030+0100\""};
        String[] numbers = {"0", "-0", "-0.0", "1", "-17.25", "0.1", "123456789012345", "1234567890123456", "0.000000000000001", "99.999999999999999",
            "1e3", "1E-2", "01", "1.", ".5", "-", "+1", "1_0", "true", "false", "tru", "null", "NaN", "\"text\"", "[1]", "{\"a\":1}", "123456789.123456"};
        String[] names = {"temperature", "humidity", "co2", "metrics", "received_at", "temp\\u0065rature", "é", "", "t"};
        int read = 0;
        for (int i = 0; i < 200_000; i++) {
            List<String> members = new ArrayList<>(List.of("\"sensor_id\":" + (random.nextInt(5) == 0 ? "7" : "\"s" + random.nextInt(5) + "\""),
                    "\"timestamp\":" + times[random.nextInt(random.nextBoolean() ? 3 : times.length)]));
            if (random.nextBoolean()) {
                members.add("\"location\":\"hall " + random.nextInt(3) + "\"");
            }
            for (int metric = random.nextInt(4); metric > 0; metric--) {
                members.add("\"" + names[random.nextInt(random.nextInt(4) == 0 ? names.length : 3)] + "\" :\t"
                        + numbers[random.nextInt(random.nextInt(4) == 0 ? numbers.length : 8)]);
            }
            Collections.shuffle(members, random);
            byte[] bytes = ("{" + String.join(random.nextInt(20) == 0 ? ",," : " , ", members) + "}").getBytes(StandardCharsets.UTF_8);
            if (random.nextInt(10) == 0) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(50) == 0) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length) + 1);
            }
            String expected = result(bytes, true);
            assertEquals(expected, result(bytes, false), () -> "seed 20260102");
            read += expected.startsWith("Reading") ? 1 : 0;
        }
        assertTrue(read > 40_000, read + " were readings");
    }

    private String result(byte[] bytes, boolean fully) {
        try {
            Reading reading = fully ? parser.parseFully("default", bytes, NOW) : parser.parse("default", bytes, NOW);
            return "Reading " + reading.series() + reading.metrics() + reading.at() + Arrays.toString(reading.values()) + reading.attributes();
        } catch (RefusedReading e) {
            return e.getMessage();
        }
    }
}
