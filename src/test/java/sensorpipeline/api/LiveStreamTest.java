package sensorpipeline.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sensorpipeline.Pipeline;
import sensorpipeline.Services;
import sensorpipeline.access.Caller;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Readings;
import sensorpipeline.support.Servers;

/** Guarantees for subscribers: they get new readings quickly, miss nothing when they reconnect, and are not slowed down by others. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LiveStreamTest {

    private static final Settings SETTINGS = Servers.settings().with("api.stream.interval", 200).with("api.stream.listeners", 1000);
    private static final Pipeline PIPELINE = new Pipeline(SETTINGS, Set.of(Services.CONSUMER, Services.API));
    private static final Readings DEVICES = new Readings(SETTINGS);

    @BeforeAll
    static void start() throws Exception {
        PIPELINE.start();
    }

    @AfterAll
    static void stop() {
        DEVICES.close();
        PIPELINE.close();
    }

    /** A subscriber like a browser's EventSource. */
    private static final class Listener implements AutoCloseable {
        private final Socket socket = new Socket();
        private final BufferedReader lines;
        private String id;
        private String kind;

        Listener(String lastId) throws IOException {
            socket.setReceiveBufferSize(8192);
            socket.connect(new InetSocketAddress("127.0.0.1", PIPELINE.port("api.port")));
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(("GET /stream HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n"
                    + (lastId == null ? "" : "Last-Event-ID: " + lastId + "\r\n") + "\r\n").getBytes(StandardCharsets.US_ASCII));
            lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String status = lines.readLine();
            if (!"HTTP/1.1 200 OK".equals(status)) {
                socket.close();
                throw new IOException(status);
            }
            await("retry: 2000");
        }

        private String await(String start) throws IOException {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    kind = line.substring(7);
                }
                if (line.startsWith(start)) {
                    return line;
                }
            }
            throw new IOException("The stream has ended");
        }

        /** @return the temperatures of the next event */
        List<Integer> next() throws IOException {
            List<Integer> temperatures = new ArrayList<>();
            new ObjectMapper().readTree(await("data: ").substring(6)).path("data").forEach(reading -> temperatures.add(reading.path("temperature").asInt()));
            return temperatures;
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Waits for the stream's first poll, after which it sends all new readings. */
    private static void awaitFirstLook() {
        DEVICES.send(Readings.json("first", Instant.now().toString(), -1));
        LiveStreams streams = PIPELINE.camel().getRegistry().lookupByNameAndType("liveStreams", LiveStreams.class);
        Awaitility.await().until(() -> streams.question(Caller.program("default")).get("after") != null);
        DEVICES.awaitDone();
    }

    @Test
    void tellsWhatIsStoredAndNothingOfOtherTenants() throws IOException {
        try (Listener listener = new Listener(null)) {
            awaitFirstLook();
            DEVICES.sendTo(SETTINGS.text("topic.name") + ".acme", List.of(Readings.json("secret", Instant.now().toString(), 666)));
            DEVICES.send(Readings.json("s1", "2026-01-01T00:00:00Z", 1), Readings.json("s1", "2026-01-01T00:00:01Z", 2), Readings.json("s2", "2026-01-01T00:00:01Z", 3));
            List<Integer> told = new ArrayList<>();
            while (!told.containsAll(List.of(2, 3))) {
                told.addAll(listener.next());
            }
            assertFalse(told.contains(666));
            assertEquals("readings", listener.kind);
        }
    }

    /** Devices may send each metric on its own. */
    @Test
    void tellsAReadingAgainWhenItGetsAnotherMetric() throws IOException {
        try (Listener listener = new Listener(null)) {
            awaitFirstLook();
            String first = Readings.json("in-parts", "2026-01-05T00:00:00Z", 51);
            DEVICES.send(first);
            while (!listener.next().contains(51)) {
                assertTrue(listener.id != null);
            }
            DEVICES.send(first.replace("\"temperature\":51.0", "\"humidity\":52"));
            String told = listener.await("data: ");
            while (!told.contains("in-parts")) {
                told = listener.await("data: ");
            }
            assertTrue(told.contains("\"temperature\":51") && told.contains("\"humidity\":52"), told);
        }
    }

    @Test
    void whoComesAgainGetsWhatCameMeanwhile() throws IOException {
        try (Listener steady = new Listener(null)) {
            awaitFirstLook();
            String last;
            try (Listener first = new Listener(null)) {
                DEVICES.send(Readings.json("r", "2026-02-01T00:00:00Z", 10));
                while (!first.next().contains(10)) {
                    assertTrue(first.id != null);
                }
                last = first.id;
            }
            DEVICES.send(Readings.json("r", "2026-02-01T00:00:01Z", 11));
            while (!steady.next().contains(11)) {
                assertTrue(steady.id != null);
            }
            try (Listener again = new Listener(last)) {
                assertEquals(List.of(11), again.next());
            }
        }
    }

    @Test
    void whoBreaksOffWhileItGetsWhatCameMeanwhileComesAgain() throws IOException {
        String ballast = ",\"note\":\"" + "x".repeat(50_000) + "\"}";
        try (Listener steady = new Listener(null)) {
            awaitFirstLook();
            DEVICES.send(Readings.json("broken", "2026-02-02T23:59:59Z", 39));
            while (!steady.next().contains(39)) {
                assertTrue(steady.id != null);
            }
            String last = steady.id;
            for (int i = 0; i < 5; i++) {
                int number = 40 + i;
                DEVICES.send(Readings.json("broken", "2026-02-03T00:00:0" + i + "Z", number).replace("}", ballast));
                while (!steady.next().contains(number)) {
                    assertTrue(steady.id != null);
                }
            }
            try (Listener hasty = new Listener(last)) {
                assertEquals(List.of(40), hasty.next());
            }
            try (Listener again = new Listener(last)) {
                for (int i = 0; i < 5; i++) {
                    assertEquals(List.of(40 + i), again.next());
                }
            }
        }
    }

    @Test
    void whoHearsNothingHearsThatItStillListens() throws IOException {
        try (Listener listener = new Listener(null)) {
            assertEquals(":", listener.await(":"));
        }
    }

    @Test
    void theOnlyListenerComesAgainToo() throws IOException {
        String last;
        try (Listener only = new Listener(null)) {
            awaitFirstLook();
            DEVICES.send(Readings.json("only", "2026-02-02T00:00:00Z", 12));
            while (!only.next().contains(12)) {
                assertTrue(only.id != null);
            }
            last = only.id;
        }
        DEVICES.send(Readings.json("only", "2026-02-02T00:00:01Z", 13));
        try (Listener again = new Listener(last)) {
            assertEquals(List.of(13), again.next());
        }
    }

    @Test
    void whoseEventsAreNotKnownIsToldToAskFirst() throws IOException {
        for (String lastId : new String[] {null, "1", "x-99999999999999999999", "-"}) {
            try (Listener stranger = new Listener(lastId)) {
                awaitFirstLook();
                stranger.await("event: reset");
            }
        }
    }

    @Test
    void whatCouldNotBeAskedForIsInTheNextEvent() throws IOException {
        Database database = new Database(SETTINGS);
        try (Listener listener = new Listener(null)) {
            awaitFirstLook();
            // The stream finds a batch, but cannot read it.
            database.run("REVOKE SELECT ON series FROM sensor_pipeline_reader");
            try {
                long before = database.readings();
                DEVICES.send(Readings.json("kept", "2026-05-01T00:00:00Z", 30));
                database.awaitReadings(before + 1);
                LiveStreams streams = PIPELINE.camel().getRegistry().lookupByNameAndType("liveStreams", LiveStreams.class);
                Awaitility.await().during(Duration.ofMillis(600)).until(() -> streams.question(Caller.program("default")).get("after") != null);
            } finally {
                database.run("GRANT SELECT ON series TO sensor_pipeline_reader");
            }
            while (!listener.next().contains(30)) {
                assertTrue(listener.id != null);
            }
        }
    }

    @Test
    void aThousandListenAndOneMoreThanAllowedIsToldSo() throws IOException {
        List<Listener> listeners = new ArrayList<>();
        try {
            // Subscribers of another test may not be disconnected yet.
            Awaitility.await().ignoreException(IOException.class).until(() -> {
                while (listeners.size() < 1000) {
                    listeners.add(new Listener(null));
                }
                return true;
            });
            IOException refusal = assertThrows(IOException.class, () -> new Listener(null).close());
            assertEquals("HTTP/1.1 503 Service Unavailable", refusal.getMessage());
            listeners.remove(999).close();
            Awaitility.await().ignoreException(IOException.class).until(() -> listeners.add(new Listener(null)));
            awaitFirstLook();
            DEVICES.send(Readings.json("many", "2026-03-01T00:00:00Z", 20));
            for (Listener listener : listeners) {
                while (!listener.next().contains(20)) {
                    assertTrue(listener.id != null);
                }
            }
        } finally {
            listeners.forEach(Listener::close);
        }
    }

    @Test
    void whoDoesNotKeepUpIsSentAwayAndHoldsUpNobody() throws IOException {
        try (Listener slow = new Listener(null); Listener quick = new Listener(null)) {
            awaitFirstLook();
            String ballast = "x".repeat(100_000);
            for (int round = 0; round < 8; round++) {
                int number = 100 + round;
                Instant time = Instant.parse("2026-04-01T00:00:00Z").plusSeconds(round);
                DEVICES.sendTo(SETTINGS.text("topic.name"), IntStream.range(0, 20)
                        .mapToObj(i -> Readings.json("b" + i, time.toString(), number).replace("}", ",\"note\":\"" + ballast + "\"}")).toList());
                long missing = 20;
                while (missing > 0) {
                    missing -= quick.next().stream().filter(temperature -> temperature == number).count();
                }
            }
            Awaitility.await("what it has in its buffers ends").until(() -> {
                try {
                    slow.next();
                    return false;
                } catch (IOException ended) {
                    return true;
                }
            });
        }
    }
}
