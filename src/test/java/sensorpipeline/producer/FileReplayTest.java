package sensorpipeline.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.reading.EventTime;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.ReadingParser;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Warnings;

class FileReplayTest {

    private static final DefaultCamelContext CONTEXT = new DefaultCamelContext();

    @TempDir
    Path folder;

    private FileReplay replay(Path file, String speed, String shift) {
        return new FileReplay(CONTEXT, Settings.load(Map.of(
                "PRODUCER_FILE", file.toString(), "PRODUCER_SPEED", speed, "PRODUCER_SHIFT", shift)));
    }

    private List<Message> all(FileReplay replay) throws IOException {
        List<Message> messages = new ArrayList<>();
        Iterator<List<Message>> pieces = replay.pieces();
        while (pieces.hasNext()) {
            List<Message> piece = pieces.next();
            replay.sent(piece);
            messages.addAll(piece);
        }
        return messages;
    }

    private static String json(Message message) {
        return new String((byte[]) message.getBody(), UTF_8);
    }

    @Test
    void sendsEveryRowOfTheSampleAsTheReadingThatItIs() throws Exception {
        FileReplay replay = replay(Path.of("samples/motes.csv"), "0", "");
        List<Message> messages = all(replay);
        assertEquals(18_914, messages.size());
        assertTrue(replay.isComplete());
        assertEquals("mote-1", messages.get(0).getHeader(KafkaConstants.KEY));
        assertEquals("{\"timestamp\":\"2010-05-09T08:00:05Z\",\"sensor_id\":\"mote-1\",\"location\":\"indoor\",\"temperature\":27.97,\"humidity\":45.93}",
                json(messages.get(0)));
        for (Message message : messages) {
            Reading reading = new ReadingParser().parse("default", (byte[]) message.getBody(), Instant.now());
            assertEquals(List.of("humidity", "temperature"), reading.metrics());
        }
    }

    @Test
    void movesTheTimesSoThatTheLastIsNow() throws IOException {
        Path file = Files.writeString(folder.resolve("two.csv"),
                "sensor_id,t,timestamp\na,1,2010-05-09T08:00:00Z\na,2,2010-05-09T08:01:00Z\n");
        Instant before = Instant.now();
        List<Message> messages = all(replay(file, "0", "now"));
        Instant first = Instant.parse(json(messages.get(0)).replaceAll(".*timestamp\":\"|\".*", ""));
        Instant last = Instant.parse(json(messages.get(1)).replaceAll(".*timestamp\":\"|\".*", ""));
        assertFalse(last.isBefore(before) || last.isAfter(Instant.now()));
        assertEquals(Duration.ofMinutes(1), Duration.between(first, last));
    }

    @Test
    void keepsThePaceOfTheRecording() throws IOException {
        Path file = Files.writeString(folder.resolve("paced.ndjson"), """
                {"sensor_id":"a","t":1,"timestamp":"2010-05-09T08:00:00Z"}
                {"sensor_id":"a","t":2,"timestamp":"2010-05-09T08:00:10Z"}

                {"sensor_id":"a","t":3,"timestamp":1273392020}
                """);
        long start = System.nanoTime();
        assertEquals(3, all(replay(file, "20", "")).size());
        long milliseconds = (System.nanoTime() - start) / 1_000_000;
        assertTrue(milliseconds >= 1000 && milliseconds < 5000, "20 s of recording at 20 times the pace took " + milliseconds + " ms");
    }

    private static final String GOOD = "{\"sensor_id\":\"a\",\"t\":1,\"timestamp\":\"2010-05-09T08:00:00Z\"}";
    private static final String ROWS = "sensor_id,t,timestamp\na,1,2010-05-09T08:00:00Z\nb,2,2010-05-09T08:00:01Z\n";

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private List<String> sent(Path file, String shift) throws IOException {
        FileReplay replay = replay(file, "0", shift);
        List<String> sent = all(replay).stream().map(FileReplayTest::json).toList();
        assertTrue(replay.isComplete());
        return sent;
    }

    private static Instant time(String json) {
        return EventTime.instant(EventTime.read(json.replaceAll(".*timestamp\":\"|\".*", "")));
    }

    /** @return why this file is rejected before any record is sent */
    private String refusal(Path file) {
        String message = assertThrows(Settings.InvalidSetting.class, () -> replay(file, "0", "")).getMessage();
        assertTrue(message.startsWith("PRODUCER_FILE must be a file of readings, but ") && message.lines().count() == 1, message);
        return message;
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
            out.write(bytes);
        }
        return gzip.toByteArray();
    }

    @Test
    void passesLinesThatAreNoReadingOnAsTheyAre() throws IOException {
        byte[] odd = {'{', (byte) 0xff, '}'};
        Path file = folder.resolve("odd.ndjson");
        Files.write(file, (GOOD + "\n").getBytes(UTF_8));
        Files.write(file, odd, StandardOpenOption.APPEND);
        List<Message> messages = all(replay(file, "1", "now"));
        assertArrayEquals(odd, (byte[]) messages.get(1).getBody());
        assertNull(messages.get(1).getHeader(KafkaConstants.KEY));
    }

    @Test
    void warnsOfAllRecordsThatBecomeDeadLetters() throws IOException {
        Path file = file("refused.ndjson", String.join("\n", GOOD, GOOD.replace("1,", "\"cold\","), GOOD.replace("2010", "1999"), "{}", GOOD));
        try (Warnings warnings = new Warnings()) {
            all(replay(file, "0", ""));
            assertEquals(FileReplay.class.getName() + ": refused.ndjson: 3 of 5 records are not valid readings and become dead letters; the first: "
                    + "no metric: at least one field must be a number or a boolean", warnings.messages().get(warnings.messages().size() - 1));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "2025-10-31 16:00:00 | 2025-10-31T16:02:00+0000", "2025-10-31T16:00:00Z | 2025-10-31T16:02:00Z", "20251031T160000Z | 2025-10-31t17:02:00,000+01",
        "1761926400 | 1761926520", "1761926400.0 | 1761926520.000", "1761926400000 | 1761926520000", "1761926400000000 | 1761926520000000",
        "1761926400000000000 | 1761926520000000000", "2025-10-31 16:00 | 2025-10-31T16:02:00.000000000",
    })
    void movesTimesOfEveryFormThatTheStoreReads(String first, String second) throws IOException {
        Instant before = EventTime.instant(EventTime.micros(Instant.now()));
        List<Path> files = List.of(file("times.csv", "sensor_id;t;timestamp\na;1;" + first + "\na;2;" + second + "\n"),
                file("times.ndjson", GOOD.replace("2010-05-09T08:00:00Z", first) + "\n" + GOOD.replace("2010-05-09T08:00:00Z", second)));
        for (Path file : files) {
            List<String> sent = sent(file, "now");
            assertEquals(Duration.ofMinutes(2), Duration.between(time(sent.get(0)), time(sent.get(1))));
            assertFalse(time(sent.get(1)).isBefore(before) || time(sent.get(1)).isAfter(Instant.now()), sent.get(1));
        }
    }

    @Test
    void changesNothingButTheTimeOfAMovedReading() throws IOException {
        String line = " {\"timestamp\" : 1761926400.5 ,\"sensor_id\":37185, \"t\":1.50,\"t\":2,\"é\":[{\"timestamp\":1}], \"big\":12345678901234567890123 } ";
        String sent = sent(file("kept.ndjson", line), "now").get(0);
        assertEquals(line, sent.replaceFirst("\"20[^\"]*Z\"", "1761926400.5"));
        assertEquals("37185", all(replay(file("kept.ndjson", line), "0", "now")).get(0).getHeader(KafkaConstants.KEY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2099-01-01T00:00:00Z", "yesterday", "1e300"})
    void aTimeThatCannotBeNeitherStopsThePaceNorMovesTheOthers(String outlier) throws IOException {
        Instant start = Instant.parse("2025-10-31T16:00:00Z");
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            lines.add(GOOD.replace("2010-05-09T08:00:00Z", start.plusMillis(i).toString()));
        }
        for (int place : new int[] {0, 50, 100}) {
            List<String> withOutlier = new ArrayList<>(lines);
            withOutlier.add(place, GOOD.replace("2010-05-09T08:00:00Z", outlier));
            Path file = file("outlier.ndjson", String.join("\n", withOutlier));
            FileReplay replay = replay(file, "1", "now");
            Instant now = Instant.now();
            List<Message> messages = all(replay);
            assertTrue(replay.isComplete());
            assertTrue(Duration.between(now, Instant.now()).toSeconds() < 10);
            for (int i = 0; i <= 100; i++) {
                if (i == place) {
                    assertEquals(withOutlier.get(i), json(messages.get(i)), "it is refused with the time that it has");
                } else {
                    assertTrue(Duration.between(time(json(messages.get(i))), now).abs().toSeconds() < 10, json(messages.get(i)));
                }
            }
        }
    }

    @Test
    void movesARecordingThatIsWhollyOutOfRangeToNow() throws IOException {
        for (String year : new String[] {"1998", "2099"}) {
            String sent = sent(file("old.ndjson", GOOD.replace("2010", year)), "now").get(0);
            assertTrue(Duration.between(time(sent), Instant.now()).toSeconds() < 10, sent);
        }
    }

    @Test
    void readsCsvAsSpreadsheetsAndLoggersWriteIt() throws IOException {
        List<String> expected = List.of("{\"sensor_id\":\"a\",\"t\":1,\"timestamp\":\"2010-05-09T08:00:00Z\"}",
                "{\"sensor_id\":\"b\",\"t\":2,\"timestamp\":\"2010-05-09T08:00:01Z\"}");
        Map<String, String> files = Map.ofEntries(Map.entry("plain.csv", ROWS), Map.entry("semicolon.csv", ROWS.replace(',', ';')), Map.entry("tab.tsv", ROWS.replace(',', '\t')),
                Map.entry("bar.txt", ROWS.replace(',', '|')), Map.entry("quoted.csv", ROWS.replaceAll("[^,\n]+", "\"$0\"")), Map.entry("blanks.csv", ROWS.replace(",", " , ")),
                Map.entry("blanks and quotes.csv", ROWS.replaceAll(",([^,\n]+)", ", \"$1\"")),
                Map.entry("hint.csv", "sep=;\r\n" + ROWS.replace(',', ';')), Map.entry("mark.csv", "\uFEFF" + ROWS), Map.entry("noname", ROWS),
                Map.entry("lines.csv", ROWS.replace("\n", "\r\n")), Map.entry("old.csv", ROWS.replace('\n', '\r')), Map.entry("end.csv", ROWS.stripTrailing()),
                Map.entry("trailing.csv", ROWS.replace(',', ';').replace("\n", ";\n")), Map.entry("empty.csv", "\n" + ROWS.replace("\n", "\n\n") + ",,\n\n"),
                Map.entry("UPPER.CSV", ROWS));
        for (Map.Entry<String, String> file : files.entrySet()) {
            assertEquals(expected, sent(file(file.getKey(), file.getValue()), ""), file.getKey());
            Path compressed = folder.resolve(file.getKey() + ".gz");
            Files.write(compressed, gzip(file.getValue().getBytes(UTF_8)));
            assertEquals(expected, sent(compressed, ""), "compressed: " + file.getKey());
        }
    }

    @Test
    void readsNdjsonUnderAnyNameAndCompressed() throws IOException {
        for (String name : new String[] {"a.ndjson", "a.jsonl", "a.json", "a", "a.csv", "a.txt"}) {
            for (String content : new String[] {GOOD, "\uFEFF" + GOOD + "\n", "\n\n " + GOOD + "\r\n"}) {
                assertEquals(GOOD, sent(file(name, content), "").get(0).strip(), name);
                Files.write(folder.resolve("unnamed"), gzip(content.getBytes(UTF_8)));
                assertEquals(GOOD, sent(folder.resolve("unnamed"), "").get(0).strip());
            }
        }
        assertEquals(2, sent(file("garbage.ndjson", "garbage\n" + GOOD), "").size());
    }

    @Test
    void readsAPipe() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        for (String content : new String[] {ROWS, GOOD + "\n" + GOOD}) {
            Process writer = new ProcessBuilder("sh", "-c", "cat > " + pipe).start();
            try (OutputStream out = writer.getOutputStream()) {
                out.write(content.getBytes(UTF_8));
            }
            assertEquals(2, sent(pipe, "now").size());
            assertEquals(0, writer.waitFor());
        }
    }

    @Test
    void refusesWhatHoldsNoReadingsAndSaysWhy() throws IOException {
        Map<String, String> reasons = new LinkedHashMap<>();
        reasons.put("", "it is empty");
        reasons.put("\n\n", "it is empty");
        reasons.put("sensor_id,t,timestamp\n", "it has no readings");
        reasons.put("sensor_id,t,timestamp\n,,\n", "it has no readings");
        reasons.put("[\n  {\n    \"sensor_id\": \"a\"\n  }\n]\n", "it is a JSON array; NDJSON has one JSON object a line");
        reasons.put(" [" + GOOD + "]", "it is a JSON array");
        reasons.put("{\n  \"sensor_id\": \"a\",\n  \"t\": 1,\n  \"timestamp\": 1761926400\n}\n", "no line of it is a JSON object with sensor_id and timestamp; line 1 is '{'");
        reasons.put("{\"id\":\"a\",\"t\":1,\"time\":1761926400}", "no line of it is a JSON object with sensor_id and timestamp");
        reasons.put("{\"readings\":[" + GOOD + "]}", "no line of it is a JSON object with sensor_id and timestamp");
        reasons.put("a,b\n1,2\n", "columns sensor_id and timestamp; its first line is 'a,b'");
        reasons.put("Sensor_ID,t,Timestamp\na,1,2010-05-09T08:00:00Z\n", "columns sensor_id and timestamp");
        reasons.put("sensor_id,t\na,1\n", "columns sensor_id and timestamp");
        reasons.put("<xml/>", "columns sensor_id and timestamp");
        reasons.put("sensor_id,temp,hum,temp,timestamp\na,1,2,3,2010-05-09T08:00:00Z\n", "its header names column 'temp' more than once");
        reasons.put("sensor_id; temp;\"temp\";sensor_id;timestamp\na;1;2;b;2010-05-09T08:00:00Z\n", "its header names column 'temp', 'sensor_id' more than once");
        reasons.put(",sensor_id,timestamp,t\n0,a,2010-05-09T08:00:00Z,1\n", "column 1 has no name in the header, but '0' in line 2");
        reasons.put("sensor_id,timestamp,t\na,2010-05-09T08:00:00Z,1\na,2010-05-09T08:00:01Z,1,2\n", "line 3 has more cells than the header has columns: 3");
        reasons.put("sep=;\nsensor_id;timestamp;t\na;2010-05-09T08:00:00Z;1;2\n", "line 3 has more cells");
        reasons.put("sensor_id,timestamp,t\n\"a,2010-05-09T08:00:00Z,1\n", "it is not valid CSV");
        reasons.put("sensor_id,timestamp,t\na,31.10.2025 16:00,1\nb,31.10.2025 16:01,1\n", "no row of it has a timestamp that can be read");
        for (Map.Entry<String, String> reason : reasons.entrySet()) {
            String message = refusal(file("refused.csv", reason.getKey()));
            assertTrue(message.contains(reason.getValue()), message);
        }
    }

    @Test
    void refusesFilesThatAreNoTextInUtf8() throws IOException {
        byte[] truncated = gzip(ROWS.getBytes(UTF_8));
        String many = ROWS + "a,1,2010-05-09T08:00:00Z\n".repeat(5000);
        byte[] manyTruncated = gzip(many.getBytes(UTF_8));
        Map<String, byte[]> reasons = Map.of("it is UTF-16, not UTF-8", ROWS.getBytes(Charset.forName("x-UTF-16LE-BOM")), "it is UTF-32, not UTF-8", ROWS.getBytes(Charset.forName("UTF-32BE")),
                "it is not text in UTF-8", ROWS.replace("b,2", "M\u00fcnchen,2").getBytes(StandardCharsets.ISO_8859_1), "it is a zip archive", new byte[] {'P', 'K', 3, 4, 0, 0},
                "it is zstd", new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0}, "it is gzip", gzip(gzip(ROWS.getBytes(UTF_8))), "damaged or incomplete gzip", Arrays.copyOf(truncated, truncated.length - 12),
                "it is binary", new byte[] {'s', 'e', 'n', 0, 1, 2});
        List<Map.Entry<String, byte[]>> all = new ArrayList<>(reasons.entrySet());
        all.add(Map.entry("it is not text in UTF-8", (many + "M\u00fcnchen,2").getBytes(StandardCharsets.ISO_8859_1)));
        all.add(Map.entry("damaged or incomplete gzip", Arrays.copyOf(manyTruncated, manyTruncated.length - 12)));
        for (Map.Entry<String, byte[]> reason : all) {
            Files.write(folder.resolve("refused.csv"), reason.getValue());
            String message = refusal(folder.resolve("refused.csv"));
            assertTrue(message.contains(reason.getKey()), message);
        }
    }

    @Test
    void refusesWhatIsNoFile() {
        for (Path path : List.of(folder, folder.resolve("none.csv"))) {
            String message = assertThrows(Settings.InvalidSetting.class, () -> replay(path, "0", "")).getMessage();
            assertEquals("PRODUCER_FILE must be a file that can be read; got '" + path + "'", message);
        }
    }

    @Test
    void tellsOfTextInAColumnOfNumbers() throws IOException {
        Path csv = file("text.csv", "sensor_id,timestamp,t,note,mixed,unclear\na,2010-05-09T08:00:00Z,.5,\"x\",\"21,4\",\"1,234\"\na,2010-05-09T08:00:01Z,20.6 C,y,\"21,375\",\"2,345\"\n"
                + "a,2010-05-09T08:00:02Z,TRUE,,7,\na,2010-05-09T08:00:03Z,n/a,z,,\n");
        assertEquals(List.of("'t': 2 of 4 values are text where others are numbers, such as '20.6 C' in line 3; text is stored as an attribute, not as a metric",
                "'unclear': 2 values may have a decimal comma or a group of three digits, such as '1,234' in line 2; they are stored as an attribute, not as a metric"),
                Survey.of(ReplayFile.of(csv), Instant.now()).remarks());
        assertEquals("{\"sensor_id\":\"a\",\"timestamp\":\"2010-05-09T08:00:01Z\",\"t\":\"20.6 C\",\"note\":\"y\",\"mixed\":21.375,\"unclear\":\"2,345\"}", sent(csv, "").get(1));
        Path lines = file("text.ndjson", GOOD + "\n" + GOOD.replace("1,", "\"15.5\",\"note\":\"x\",") + "\n" + GOOD.replace("1,", "null,"));
        assertEquals(List.of("'t': 1 of 2 values are text where others are numbers, such as '15.5' in line 2; text is stored as an attribute, not as a metric"),
                Survey.of(ReplayFile.of(lines), Instant.now()).remarks());
    }

    @Test
    void readsCellsAsWhatTheyAre() throws IOException {
        Path file = file("cells.csv", """
                sensor_id,location,timestamp,count,open,note,empty,code,a,b,c,d,e
                007,12,1273392020,-1.5e3,TRUE,"a ""b"", c",,0x10,.5,+3.1,5.,007.5,"21,4"
                """);
        assertEquals("{\"sensor_id\":\"007\",\"location\":\"12\",\"timestamp\":1273392020,\"count\":-1.5e3,\"open\":true,"
                + "\"note\":\"a \\\"b\\\", c\",\"code\":\"0x10\",\"a\":0.5,\"b\":3.1,\"c\":5,\"d\":7.5,\"e\":21.4}", sent(file, "").get(0));
    }
}
