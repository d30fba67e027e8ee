package sensorpipeline.reading;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForeignFormatTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final String JSON = "{\"sensor_id\":\"s\",\"t\":1,\"timestamp\":1736937000}";

    private static String refusal(byte[] bytes) {
        String message = assertThrows(RefusedReading.class, () -> new ReadingParser().parse("default", bytes, NOW)).getMessage();
        assertTrue(message.startsWith("not valid JSON in UTF-8: ") && message.lines().count() == 1, message);
        return message;
    }

    private static byte[] joined(String hex, byte[] rest) {
        byte[] start = HexFormat.of().parseHex(hex);
        return ByteBuffer.allocate(start.length + rest.length).put(start).put(rest).array();
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-16", "x-UTF-16LE-BOM", "UTF-32LE", "UTF-32BE", "X-UTF-32LE-BOM", "X-UTF-32BE-BOM"})
    void refusesOtherEncodingsOfUnicode(String encoding) {
        String expected = "the record is " + (encoding.contains("16") ? "UTF-16" : "UTF-32") + ", not UTF-8;";
        for (String json : new String[] {JSON, " " + JSON, "\n" + JSON, "[1]", "{}", "\"é\""}) {
            String message = refusal(json.getBytes(Charset.forName(encoding)));
            assertTrue(message.contains(expected), json + ": " + message);
        }
    }

    @Test
    void takesTheByteOrderMarkOfUtf8() throws RefusedReading {
        assertEquals("s", new ReadingParser().parse("default", ("\uFEFF" + JSON).getBytes(UTF_8), NOW).series().sensorId());
    }

    @ParameterizedTest
    @CsvSource({"b0, 0xb0", "c1a1, 0xc1", "c080, 0xc0", "e080af, 0xe0", "eda080, 0xed", "eda0bdedb080, 0xed", "f08080af, 0xf0", "f4908080, 0xf4", "f8808080, 0xf8", "c3, 0xc3", "e282, 0xe2",
        "80, 0x80", "fffe, 0xff"})
    void refusesBytesThatAreNoUtf8(String hex, String shown) {
        byte[] start = "{\"t\":1,\"timestamp\":1736937000,\"sensor_id\":\"".getBytes(UTF_8);
        byte[] bytes = joined(HexFormat.of().formatHex(start) + hex, "\"}".getBytes(UTF_8));
        String message = refusal(bytes);
        assertTrue(message.startsWith("not valid JSON in UTF-8: at byte " + start.length + ", " + shown + " begins no character of UTF-8"), message);
    }

    @Test
    void agreesWithJavaOnWhatIsUtf8() {
        Random random = new Random(20260102);
        for (int i = 0; i < 500_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(5)];
            for (int k = 0; k < bytes.length; k++) {
                bytes[k] = (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : 0x80 + random.nextInt(0x80));
            }
            boolean isText = Utf8.fault(bytes) < 0;
            try {
                UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
                assertTrue(isText, HexFormat.of().formatHex(bytes));
            } catch (CharacterCodingException e) {
                assertFalse(isText, HexFormat.of().formatHex(bytes));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0000000005, 5", "0000000000, 0", "000000000a, 10", "000000007b, 123", "0000010000, 65536", "00ffffffff, 4294967295"})
    void namesTheFrameOfASchemaRegistry(String frame, String schema) {
        assertTrue(refusal(joined(frame, JSON.getBytes(UTF_8))).contains("the record begins with a schema registry's frame (schema " + schema + ");"));
        assertTrue(refusal(joined(frame, new byte[] {2, 14, 's', 'e', 'n'})).contains("begins with a schema registry's frame"));
        assertTrue(refusal(joined(frame, new byte[0])).contains("begins with a schema registry's frame"));
    }

    @Test
    void namesCompression() throws IOException {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            out.write(JSON.getBytes(UTF_8));
        }
        assertEquals("not valid JSON in UTF-8: the record is gzip; the producer must send JSON text as it is", refusal(gzip.toByteArray()));
        ByteArrayOutputStream zlib = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(zlib)) {
            out.write(JSON.getBytes(UTF_8));
        }
        assertTrue(refusal(zlib.toByteArray()).contains("is zlib"));
    }

    @ParameterizedTest
    @CsvSource({
        "28b52ffd2400, is zstd", "fd377a585a000004, is xz", "04224d186440, is LZ4", "425a6839314159265359, is bzip2", "504b030414000000, is a zip archive",
        "ff060000734e61507059, is Snappy", "82534e415050590000000001, is Snappy", "4f626a0104166176726f, is an Avro file", "c301aabbccdd, is Avro (single object)",
        "50415231150415, is Parquet", "aced00057372, is a serialized Java object", "d9d9f7a169, is CBOR",
        "0300000102030405060708090a0b0c0d0e0f1011, begins with a schema registry's frame (AWS Glue)",
        "81a9736f6d655f6e616d65, looks like MessagePack", "de0010a973, looks like MessagePack", "a2697365, looks like CBOR", "bf6973, looks like CBOR",
        "800495100000002e, is a Python pickle", "0c0000001061000100000000, is BSON",
        // sensor_id = 1 "s-1", temperature = 2 as a double, time = 3 as a varint
        "0a03732d31110000000000003540188080a0b2ee32, looks like Protobuf",
        "021a73656e736f72, 'is binary, not text: it begins with the bytes 02 1a 73 65 6e 73 6f 72'",
        "07, 'is binary, not text: it begins with the bytes 07'",
    })
    void namesWhatAProducerSentInsteadOfJson(String hex, String expected) {
        assertTrue(refusal(HexFormat.of().parseHex(hex)).contains("the record " + expected + ";"), refusal(HexFormat.of().parseHex(hex)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "yesterday", "zz", "sensor,t=1 v=2", "<a/>", "{\"a\":", "{'a':1}", "BZh9", "PK", "é", "\n\n"})
    void takesTextForText(String text) {
        assertNull(ForeignFormat.describe(text.getBytes(UTF_8)));
    }

    /** Arbitrary bytes are rejected with a one-line reason. */
    @Test
    void refusesAnyBytes() {
        Random random = new Random(20260102);
        ReadingParser parser = new ReadingParser();
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(12)];
            random.nextBytes(bytes);
            String message = assertThrows(RefusedReading.class, () -> parser.parse("default", bytes, NOW)).getMessage();
            assertEquals(1, message.lines().count(), message);
        }
    }
}
