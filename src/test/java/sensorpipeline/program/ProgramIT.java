package sensorpipeline.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static sensorpipeline.support.ProgramProcess.MOTES_READINGS;
import static sensorpipeline.support.ProgramProcess.api;
import static sensorpipeline.support.ProgramProcess.database;
import static sensorpipeline.support.ProgramProcess.embedded;
import static sensorpipeline.support.ProgramProcess.replaying;
import static sensorpipeline.support.ProgramProcess.usedFolder;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Http;
import sensorpipeline.support.ProgramProcess;

/** The program as a process: started, killed, stopped, misconfigured, and next to others. */
class ProgramIT {

    @Test
    void anUnknownServiceIsRefusedWithTheKnownOnes() {
        try (ProgramProcess program = ProgramProcess.start(Map.of(), "consumer", "fridge")) {
            assertEquals(2, program.awaitEnd(Duration.ofSeconds(20)));
            assertEquals("Unknown service 'fridge'; the services are producer, consumer, alerts, api, dashboard\n", program.output());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "API_PORT | abc | API_PORT must be a whole number from 0 to 65535; got 'abc'",
        "PRODUCER_FILE | /no/such.csv | PRODUCER_FILE must be a file that can be read; got '/no/such.csv'",
    })
    void aWrongSettingEndsItWithStatus2AndIsToldInOneLine(String name, String value, String message) {
        Map<String, String> environment = new HashMap<>(WrongSettingsTest.UNREACHABLE_SERVERS);
        environment.put(name, value);
        try (ProgramProcess program = ProgramProcess.start(environment)) {
            assertEquals(2, program.awaitEnd(Duration.ofSeconds(60)));
            assertTrue(program.output().endsWith(message + "\n"), program.output());
            assertFalse(program.output().contains("\tat "), program.output());
        }
    }

    /** A readable file without the columns of a reading: the program ends before it sends anything. */
    @Test
    void aReplayOfAFileThatHoldsNoReadingsEndsItWithStatus2() throws Exception {
        Path file = Files.writeString(Files.createTempFile("no-readings", ".csv"), "colour,size\nred,1\n");
        Map<String, String> environment = embedded(usedFolder("no-readings"));
        environment.put("PRODUCER_FILE", file.toString());
        try (ProgramProcess program = ProgramProcess.start(environment, "producer")) {
            assertEquals(2, program.awaitEnd(Duration.ofSeconds(60)), program::output);
            assertTrue(program.output().contains("sensor_id"), program.output());
            assertFalse(program.output().contains("\tat "), program.output());
        }
    }

    @ParameterizedTest
    @CsvSource({"API_PORT", "DASHBOARD_PORT", "MANAGEMENT_PORT", "EMBEDDED_KAFKA_PORT", "EMBEDDED_DB_PORT"})
    void aTakenPortIsToldWithItsSetting(String setting) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            Map<String, String> environment = embedded(usedFolder("taken"));
            environment.put(setting, String.valueOf(taken.getLocalPort()));
            try (ProgramProcess program = ProgramProcess.start(environment)) {
                assertEquals(1, program.awaitEnd(Duration.ofSeconds(60)));
                String line = program.output().lines().reduce((first, last) -> last).orElse("");
                assertEquals("Port %d on 127.0.0.1 is taken or not allowed: stop the program that uses it, or choose another with %s"
                        .formatted(taken.getLocalPort(), setting), line);
            }
        }
    }

    @Test
    void asOrdinaryUserItStartsAndItsDataSurviveAStop() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can become another user");
        Path folder = Files.createTempDirectory("sensor-pipeline-nobody");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Map<String, String> environment = embedded(folder.resolve("data"));
        List<String> asNobody = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");
        environment.put("HOME", folder.toString());
        try (ProgramProcess program = ProgramProcess.start(replaying(environment), asNobody)) {
            program.awaitOutput("(100 %)");
            database(environment).awaitReadings(MOTES_READINGS);
            program.terminate();
            assertEquals(0, program.awaitEnd(Duration.ofSeconds(15)), program::output);
        }
        try (ProgramProcess program = ProgramProcess.start(environment, asNobody)) {
            program.awaitOutput("Running");
            assertEquals(MOTES_READINGS, database(environment).readings());
        }
    }

    /** Compose files pass unset variables as empty ones. */
    @Test
    void emptyAddressesOfServersAreAsNone() {
        Map<String, String> environment = embedded(usedFolder("empty"));
        environment.putAll(Map.of("KAFKA_BOOTSTRAP_SERVERS", "", "DB_HOST", "", "STORE_CONNECTIONS", ""));
        try (ProgramProcess program = ProgramProcess.start(environment)) {
            program.awaitOutput("Running producer, consumer");
        }
    }

    @Test
    void asSecondProgramItJoinsTheServersReplaysAndEnds() {
        Map<String, String> environment = embedded(usedFolder("joined"));
        try (ProgramProcess first = ProgramProcess.start(environment)) {
            first.awaitOutput("Running");
            for (int replay = 1; replay <= 2; replay++) {
                try (ProgramProcess second = ProgramProcess.start(replaying(environment), "producer")) {
                    assertEquals(0, second.awaitEnd(Duration.ofMinutes(1)), second::output);
                    assertTrue(second.output().contains("Joined the embedded servers of process"), second.output());
                    assertTrue(second.output().contains("Replayed 18914 of 18914 records of motes.csv (100 %)"), second.output());
                }
                database(environment).awaitReadings(MOTES_READINGS);
            }
            Awaitility.await().until(() -> database(environment).ask("SELECT sum(records) FROM batch").equals("37828"));
            assertEquals(MOTES_READINGS, database(environment).readings());
        }
    }

    @Test
    void programsWithDifferentServicesWorkTogetherAndConsumersShareTheLoad() throws Exception {
        Map<String, String> servers = embedded(usedFolder("together"));
        // The first program only provides the servers, which the others use as external ones.
        try (ProgramProcess lender = ProgramProcess.start(servers, "producer")) {
            lender.awaitOutput("Running");
            Map<String, String> external = new HashMap<>();
            external.put("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + servers.get("EMBEDDED_KAFKA_PORT"));
            external.put("DB_HOST", "127.0.0.1");
            external.put("DB_PORT", servers.get("EMBEDDED_DB_PORT"));
            external.put("STORE_CONSUMERS", "1");
            external.put("API_PORT", servers.get("API_PORT"));
            try (ProgramProcess one = ProgramProcess.start(external, "consumer");
                    ProgramProcess two = ProgramProcess.start(external, "consumer");
                    ProgramProcess api = ProgramProcess.start(external, "api")) {
                for (ProgramProcess program : List.of(one, two, api)) {
                    program.awaitOutput("Running");
                }
                Awaitility.await("both are members").atMost(Duration.ofSeconds(30)).until(() -> membersWithPartitions(external) == 2);
                try (ProgramProcess replay = ProgramProcess.start(replaying(external), "producer")) {
                    assertEquals(0, replay.awaitEnd(Duration.ofMinutes(1)), replay::output);
                }
                database(servers).awaitReadings(MOTES_READINGS);
                assertEquals(MOTES_READINGS,
                        Http.json(api(external).get("/data/stats")).path("data").path("overall").path("total_events").asInt());
            }
        }
    }

    private static long membersWithPartitions(Map<String, String> environment) throws Exception {
        try (var admin = sensorpipeline.kafka.Topics.admin(Settings.load(environment), Duration.ofSeconds(5))) {
            return admin.describeConsumerGroups(List.of("sensor-pipeline-store")).all().get(5, TimeUnit.SECONDS).values().iterator().next()
                    .members().stream().filter(member -> !member.assignment().topicPartitions().isEmpty()).count();
        }
    }

    @Test
    void terminatedUnderLoadItEndsWithStatus0AndLosesNothing() {
        Map<String, String> environment = embedded(usedFolder("terminated"));
        try (ProgramProcess program = ProgramProcess.start(replaying(environment))) {
            Database database = database(environment);
            program.awaitOutput("Replaying");
            Awaitility.await().pollInterval(Duration.ofMillis(10)).ignoreExceptions().until(() -> database.readings() > 0);
            program.terminate();
            assertEquals(0, program.awaitEnd(Duration.ofSeconds(15)), program::output);
        }
        try (ProgramProcess program = ProgramProcess.start(replaying(environment))) {
            program.awaitOutput("(100 %)");
            database(environment).awaitReadings(MOTES_READINGS);
        }
    }
}
