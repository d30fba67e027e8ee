package sensorpipeline.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static sensorpipeline.support.ProgramProcess.MOTES_READINGS;
import static sensorpipeline.support.ProgramProcess.api;
import static sensorpipeline.support.ProgramProcess.database;
import static sensorpipeline.support.ProgramProcess.embedded;
import static sensorpipeline.support.ProgramProcess.replaying;
import static sensorpipeline.support.ProgramProcess.usedFolder;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.ProgramProcess;
import sensorpipeline.support.Readings;
import sensorpipeline.support.SteadyPorts;

/** Several programs on one data folder: when the owner of the embedded servers ends, another program takes over. */
class TakeOverIT {

    private static final String TOOK_OVER = "Took over the embedded servers of process ";

    private enum End { TERMINATED, KILLED }

    /** On ports that are never assigned to a client while the servers are down. */
    private static Map<String, String> environment(String name) {
        Map<String, String> environment = embedded(usedFolder(name));
        environment.replaceAll((key, value) -> key.endsWith("_PORT") ? String.valueOf(SteadyPorts.anyFree()) : value);
        environment.put("API_BASE_URL", "http://127.0.0.1:" + environment.get("API_PORT"));
        return environment;
    }

    private static Settings addresses(Map<String, String> environment) {
        return Settings.load(Map.of()).with("db.host", "127.0.0.1").with("db.port", environment.get("EMBEDDED_DB_PORT"))
                .with("kafka.bootstrap.servers", "127.0.0.1:" + environment.get("EMBEDDED_KAFKA_PORT"));
    }

    private static void end(ProgramProcess program, End end) {
        if (end == End.KILLED) {
            program.kill();
        } else {
            program.terminate();
            assertEquals(0, program.awaitEnd(Duration.ofSeconds(15)), program::output);
        }
    }

    private static void awaitHealthy(Http api, Duration limit) {
        Awaitility.await("healthy").atMost(limit).pollInterval(Duration.ofMillis(100)).ignoreExceptions()
                .until(() -> api.get("/health").statusCode() == 200);
    }

    /** Sends readings one by one until closed, and retries each until Kafka acknowledges it. */
    private static final class Device implements AutoCloseable {
        private final AtomicLong acknowledged = new AtomicLong();
        private final Readings readings;
        private final Thread thread;
        private volatile boolean isRunning = true;

        Device(Map<String, String> environment) {
            readings = new Readings(addresses(environment));
            Instant start = Instant.parse("2025-01-01T00:00:00Z");
            thread = new Thread(() -> {
                while (isRunning) {
                    try {
                        readings.send(Readings.json("bed-" + acknowledged.get() % 20, start.plusMillis(acknowledged.get()).toString(), 20));
                        acknowledged.incrementAndGet();
                    } catch (IllegalStateException e) {
                        // Not acknowledged: retried.
                        Thread.onSpinWait();
                    }
                }
            });
            thread.start();
        }

        void awaitMore(int count) {
            long before = acknowledged.get();
            Awaitility.await("readings are taken").atMost(Duration.ofSeconds(30)).until(() -> acknowledged.get() >= before + count);
        }

        long stop() {
            isRunning = false;
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return acknowledged.get();
        }

        @Override
        public void close() {
            stop();
            readings.close();
        }
    }

    private static void assertEachStoredOnce(Map<String, String> environment, long sent) {
        Database database = database(environment);
        database.awaitReadings(sent);
        assertEquals(String.valueOf(sent), database.ask("SELECT count(DISTINCT (series_id, at)) FROM reading"));
        assertEquals("0", database.ask("SELECT count(*) FROM dead_letter"));
    }

    private static void assertEachCountedOnce(Map<String, String> environment, long sent) {
        assertEachStoredOnce(environment, sent);
        Awaitility.await().until(() -> Http.json(api(environment).get("/data/stats")).path("data").path("overall").path("total_events").asLong() == sent);
    }

    @ParameterizedTest
    @EnumSource
    void theSurvivorTakesTheServersOverAndNothingIsLostOrCountedTwice(End end) {
        Map<String, String> environment = environment("survivor");
        try (ProgramProcess owner = ProgramProcess.start(environment, "producer")) {
            owner.awaitOutput("Running");
            try (ProgramProcess survivor = ProgramProcess.start(environment, "consumer", "api")) {
                survivor.awaitOutput("Running");
                awaitHealthy(api(environment), Duration.ofSeconds(30));
                try (Device device = new Device(environment)) {
                    device.awaitMore(100);
                    end(owner, end);
                    survivor.awaitOutput(TOOK_OVER + owner.pid());
                    awaitHealthy(api(environment), Duration.ofSeconds(15));
                    device.awaitMore(100);
                    assertEachCountedOnce(environment, device.stop());
                }
                assertFalse(survivor.output().contains("\tat "), survivor.output());
            }
        }
        try (ProgramProcess again = ProgramProcess.start(environment, "consumer", "api")) {
            again.awaitOutput("Running");
            assertFalse(again.output().contains("Joined"), again.output());
        }
    }

    @Test
    void whenAShortReplayThatRunsTheServersEndsTheOthersGoOn() {
        Map<String, String> environment = environment("short");
        try (ProgramProcess replay = ProgramProcess.start(replaying(environment), "producer")) {
            replay.awaitOutput("Replaying");
            // Otherwise it may end before the others have joined.
            replay.freeze();
            try (ProgramProcess rest = ProgramProcess.start(environment, "consumer", "api")) {
                rest.awaitOutput("Joined the embedded servers of process " + replay.pid());
                replay.thaw();
                assertEquals(0, replay.awaitEnd(Duration.ofMinutes(1)), replay::output);
                rest.awaitOutput(TOOK_OVER + replay.pid());
                rest.awaitOutput("Running");
                awaitHealthy(api(environment), Duration.ofSeconds(30));
                assertEachCountedOnce(environment, MOTES_READINGS);
            }
        }
    }

    @Test
    void exactlyOneOfSeveralSurvivorsTakesOverAndThenTheNext() {
        Map<String, String> environment = environment("several");
        Map<String, String> other = new HashMap<>(environment);
        other.put("STORE_CONSUMERS", "1");
        try (ProgramProcess owner = ProgramProcess.start(environment, "producer")) {
            owner.awaitOutput("Running");
            try (ProgramProcess api = ProgramProcess.start(environment, "api"); ProgramProcess one = ProgramProcess.start(other, "consumer");
                    ProgramProcess two = ProgramProcess.start(other, "consumer"); Device device = new Device(environment)) {
                List<ProgramProcess> survivors = List.of(api, one, two);
                survivors.forEach(program -> program.awaitOutput("Running"));
                device.awaitMore(100);
                owner.kill();
                ProgramProcess second = awaitTakeOver(survivors, owner);
                device.awaitMore(100);
                survivors.stream().filter(program -> program != second)
                        .forEach(program -> program.awaitOutput("Process " + second.pid() + " runs the embedded servers now"));
                second.kill();
                ProgramProcess third = awaitTakeOver(survivors.stream().filter(program -> program != second).toList(), second);
                assertTrue(third.isAlive());
                device.awaitMore(100);
                assertEachStoredOnce(environment, device.stop());
            }
        }
    }

    private static ProgramProcess awaitTakeOver(List<ProgramProcess> survivors, ProgramProcess ended) {
        String line = TOOK_OVER + ended.pid();
        Awaitility.await(line).atMost(Duration.ofSeconds(30)).until(() -> survivors.stream().anyMatch(program -> program.output().contains(line)));
        List<ProgramProcess> took = survivors.stream().filter(program -> program.output().contains("taking over its embedded servers")).toList();
        assertEquals(1, took.size());
        return took.get(0);
    }

    @Test
    void aProgramThatStartsDuringTheTakeOverWaitsAndAPortThatIsTakenMeanwhileIsTold() throws Exception {
        Map<String, String> environment = environment("port");
        try (ProgramProcess owner = ProgramProcess.start(environment, "producer")) {
            owner.awaitOutput("Running");
            try (ProgramProcess survivor = ProgramProcess.start(environment, "consumer", "api")) {
                survivor.awaitOutput("Running");
                survivor.freeze();
                owner.kill();
                int port = Integer.parseInt(environment.get("EMBEDDED_KAFKA_PORT"));
                ProgramProcess third;
                try (ServerSocket stranger = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                    survivor.thaw();
                    survivor.awaitOutput("trying again: Port %d on 127.0.0.1 is taken by another program: stop it".formatted(stranger.getLocalPort()));
                    third = ProgramProcess.start(environment, "producer");
                    third.awaitOutput("Starting, or joining");
                }
                try (third) {
                    survivor.awaitOutput(TOOK_OVER + owner.pid());
                    third.awaitOutput("Joined the embedded servers of process " + survivor.pid());
                    third.awaitOutput("Running");
                }
                awaitHealthy(api(environment), Duration.ofSeconds(15));
                assertFalse(survivor.output().contains("\tat "), survivor.output());
            }
        }
    }

    @Test
    void programsThatAreStoppedTogetherAllEndAndLeaveNoServerBehind() {
        Map<String, String> environment = environment("together");
        try (ProgramProcess owner = ProgramProcess.start(environment, "producer")) {
            owner.awaitOutput("Running");
            try (ProgramProcess other = ProgramProcess.start(environment, "consumer", "api")) {
                other.awaitOutput("Running");
                owner.terminate();
                other.terminate();
                assertEquals(0, owner.awaitEnd(Duration.ofSeconds(15)), owner::output);
                assertEquals(0, other.awaitEnd(Duration.ofSeconds(15)), other::output);
                assertFalse(other.output().contains("Took over"), other.output());
                assertTrue(Ports.isFree("127.0.0.1", Integer.parseInt(environment.get("EMBEDDED_DB_PORT"))), "PostgreSQL has stopped");
            }
        }
    }

    @Test
    void programsThatStartAtOnceShareTheServers() {
        Map<String, String> environment = environment("at-once");
        try (ProgramProcess replay = ProgramProcess.start(replaying(environment), "producer"); ProgramProcess one = ProgramProcess.start(environment, "consumer");
                ProgramProcess two = ProgramProcess.start(environment, "api", "dashboard")) {
            List<ProgramProcess> programs = List.of(replay, one, two);
            programs.forEach(program -> program.awaitOutput("Running"));
            assertEquals(2, programs.stream().filter(program -> program.output().contains("Joined")).count(), () -> replay.output() + one.output() + two.output());
            assertEquals(0, replay.awaitEnd(Duration.ofMinutes(1)), replay::output);
            awaitHealthy(api(environment), Duration.ofSeconds(30));
            assertEachCountedOnce(environment, MOTES_READINGS);
        }
    }
}
