package sensorpipeline.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static sensorpipeline.support.ProgramProcess.MOTES_READINGS;
import static sensorpipeline.support.ProgramProcess.api;
import static sensorpipeline.support.ProgramProcess.database;
import static sensorpipeline.support.ProgramProcess.embedded;
import static sensorpipeline.support.ProgramProcess.folder;
import static sensorpipeline.support.ProgramProcess.replaying;
import static sensorpipeline.support.ProgramProcess.usedFolder;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import sensorpipeline.support.Http;
import sensorpipeline.support.ProgramProcess;
import sensorpipeline.support.SmallDisk;

/** The program when it, or its embedded PostgreSQL, is killed. */
class KilledProgramIT {

    @Test
    void killedTenTimesDuringAReplayItStoresEveryReadingOnce() {
        Map<String, String> environment = embedded(usedFolder("killed"));
        Random random = new Random();
        for (int kill = 1; kill <= 10; kill++) {
            try (ProgramProcess program = ProgramProcess.start(replaying(environment))) {
                if (kill % 3 != 0) {
                    program.awaitOutput("Replaying");
                }
                awaitMoment(Duration.ofMillis(random.nextInt(2_000)));
                program.kill();
            }
        }
        try (ProgramProcess program = ProgramProcess.start(replaying(environment))) {
            program.awaitOutput("(100 %)");
            database(environment).awaitReadings(MOTES_READINGS);
            Http api = api(environment);
            Awaitility.await().until(() -> Http.json(api.get("/health")).path("checks").path("store").path("lag").asInt(-1) == 0);
            JsonNode overall = Http.json(api.get("/data/stats")).path("data").path("overall");
            assertEquals(MOTES_READINGS, overall.path("total_events").asInt());
            assertEquals(String.valueOf(MOTES_READINGS), database(environment).ask("SELECT sum(readings) FROM batch"));
            program.terminate();
            assertEquals(0, program.awaitEnd(Duration.ofSeconds(15)), program::output);
        }
    }

    /** A plain delay: the test needs a random moment. */
    private static void awaitMoment(Duration delay) {
        long end = System.nanoTime() + delay.toNanos();
        Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(() -> System.nanoTime() > end);
    }

    @Test
    void aKilledEmbeddedPostgresqlIsStartedAgain() throws Exception {
        Path folder = usedFolder("postmaster");
        Map<String, String> environment = embedded(folder);
        try (ProgramProcess program = ProgramProcess.start(replaying(environment))) {
            program.awaitOutput("(100 %)");
            database(environment).awaitReadings(MOTES_READINGS);
            CompletableFuture<Void> busySession = CompletableFuture.runAsync(() -> database(environment)
                    .ask("SELECT sum(number * number) FROM generate_series(1, 1000000000::numeric) AS number"));
            Awaitility.await().until(() -> database(environment)
                    .ask("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT sum(%'").equals("1"));
            long postmaster = Long.parseLong(Files.readAllLines(folder.resolve("postgresql/data/postmaster.pid")).get(0));
            ProcessHandle.of(postmaster).orElseThrow().destroyForcibly();
            program.awaitOutput("starting it again");
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> api(environment).get("/data/latest").statusCode() == 200);
            assertEquals(MOTES_READINGS, database(environment).readings());
            assertThrows(CompletionException.class, busySession::join);
        }
    }

    @Test
    void aFullDiskUnderItsServersEndsItWithStatus1AndIsTold() {
        try (SmallDisk disk = new SmallDisk(400)) {
            Map<String, String> environment = embedded(disk.folder());
            try (ProgramProcess program = ProgramProcess.start(environment)) {
                program.awaitOutput("Running");
                disk.fill();
                try (ProgramProcess replay = ProgramProcess.start(replaying(environment), "producer")) {
                    assertEquals(1, program.awaitEnd(Duration.ofMinutes(2)), program::output);
                    assertTrue(program.output().contains("The embedded Kafka has failed, for the reason above, and the program ends"), program::output);
                    replay.kill();
                }
            }
            disk.free();
            try (ProgramProcess program = ProgramProcess.start(replaying(environment))) {
                program.awaitOutput("(100 %)");
                database(environment).awaitReadings(MOTES_READINGS);
            }
        }
    }

    @Test
    void killedDuringItsFirstStartItStartsTheNextTime() {
        for (int delay : new int[] {1_000, 2_000, 3_000, 4_000}) {
            Map<String, String> environment = embedded(folder("first"));
            try (ProgramProcess program = ProgramProcess.start(environment)) {
                awaitMoment(Duration.ofMillis(delay));
                program.kill();
            }
            try (ProgramProcess program = ProgramProcess.start(environment)) {
                program.awaitOutput("Running");
            }
        }
    }
}
