package sensorpipeline.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.ReadingParser;
import sensorpipeline.settings.Settings;

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
            assertEquals(List.of("humidity", "temperature"), reading.series().metrics());
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

    @Test
    void passesLinesThatAreNoReadingOnAsTheyAre() throws IOException {
        byte[] odd = {'{', (byte) 0xff, '}'};
        Path file = folder.resolve("odd.ndjson");
        Files.write(file, odd);
        List<Message> messages = all(replay(file, "1", "now"));
        assertArrayEquals(odd, (byte[]) messages.get(0).getBody());
    }

    @Test
    void endsAtAFileThatCannotBeReadAndSaysSo() throws IOException {
        for (byte[] content : new byte[][] {{}, "a,b\n1,2,3\n".getBytes(UTF_8), "a,b\n\"1,2\n".getBytes(UTF_8), {(byte) 0xff, (byte) 0xfe, 0, 1}}) {
            Path file = folder.resolve("faulty.csv");
            Files.write(file, content);
            FileReplay replay = replay(file, "0", "");
            assertEquals(List.of(), all(replay));
            assertFalse(replay.isComplete());
        }
    }

    @Test
    void readsWhatSpreadsheetsWrite() throws IOException {
        Path file = Files.writeString(folder.resolve("spreadsheet.csv"), "\uFEFFsensor_id,t,timestamp\r\na,1,2010-05-09T08:00:00Z\r\n");
        assertEquals("{\"sensor_id\":\"a\",\"t\":1,\"timestamp\":\"2010-05-09T08:00:00Z\"}", json(all(replay(file, "0", "")).get(0)));
    }

    @Test
    void readsCellsAsWhatTheyAre() throws IOException {
        Path file = Files.writeString(folder.resolve("cells.csv"), """
                sensor_id,location,timestamp,count,open,note,empty,code
                007,12,1273392020,-1.5e3,true,"a ""b"", c",,0x10
                """);
        assertEquals("{\"sensor_id\":\"007\",\"location\":\"12\",\"timestamp\":1273392020,\"count\":-1.5e3,\"open\":true,"
                + "\"note\":\"a \\\"b\\\", c\",\"code\":\"0x10\"}", json(all(replay(file, "0", "")).get(0)).replace("-1500.0", "-1.5e3"));
    }
}
