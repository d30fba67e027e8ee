package sensorpipeline.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static sensorpipeline.support.ProgramProcess.api;
import static sensorpipeline.support.ProgramProcess.embedded;
import static sensorpipeline.support.ProgramProcess.usedFolder;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import sensorpipeline.support.Http;
import sensorpipeline.support.ProgramProcess;

/** The command {@code keys} as a process: a script can read the key, whether the program runs or not. */
class KeysIT {

    private record Ended(int status, String out, String messages) {
    }

    private static Ended run(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("keys");
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-XX:TieredStopAtLevel=1", "-jar", "target/sensor-pipeline.jar", "keys"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(folder.resolve("out").toFile()).redirectError(folder.resolve("messages").toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertTrue(process.waitFor(2, TimeUnit.MINUTES));
        return new Ended(process.exitValue(), Files.readString(folder.resolve("out"), StandardCharsets.UTF_8), Files.readString(folder.resolve("messages"), StandardCharsets.UTF_8));
    }

    private static void awaitStatus(int status, Http api, String key) {
        Awaitility.await("status " + status).atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> api.get("/data/latest", "Authorization", "Bearer " + key).statusCode() == status);
    }

    @Test
    void theFirstKeyIsMadeBeforeTheProgramRunsAndRevokedWhileItRuns() throws Exception {
        Map<String, String> environment = embedded(usedFolder("keys"));
        environment.put("ACCESS", "restricted");
        Ended first = run(environment, "create", "--role", "reader");
        assertEquals(0, first.status, first.messages);
        assertTrue(first.out.matches("spk_[0-9A-Za-z]{49}\n"), first.out);
        assertTrue(first.messages.contains("Made key 1 with the role reader for tenant default; it is shown only now"), first.messages);
        try (ProgramProcess program = ProgramProcess.start(environment)) {
            program.awaitOutput("Running");
            Http api = api(environment);
            awaitStatus(200, api, first.out.strip());
            Ended second = run(environment, "create", "--role", "reader", "--expires", "1h");
            assertTrue(second.out.matches("spk_[0-9A-Za-z]{49}\n"), second.out);
            awaitStatus(200, api, second.out.strip());
            Ended revocation = run(environment, "revoke", "1");
            assertEquals(new Ended(0, "", "Revoked key 1"), new Ended(revocation.status, revocation.out, last(revocation.messages)));
            awaitStatus(401, api, first.out.strip());
            assertTrue(run(environment, "list").out.matches("(?s)ID .*\n2 +reader +default +valid .*\n1 +reader +default +revoked .*"));
            assertFalse(program.output().contains(first.out.strip()) || program.output().contains(second.out.strip()));
        }
    }

    private static String last(String messages) {
        return messages.lines().reduce((one, next) -> next).orElse("");
    }

    @Test
    void wrongArgumentsEndItWithStatus2AndAnUnreachableDatabaseWithStatus1() throws Exception {
        assertEquals(new Ended(2, "", "--role must be one of device, reader, operator, administrator, installation; got 'boss'\n"), run(Map.of(), "create", "--role", "boss"));
        assertEquals(new Ended(2, "", "keys must be followed by create, list or revoke\n"), run(Map.of()));
        Ended unreachable = run(Map.of("DB_HOST", "127.0.0.1", "DB_PORT", "1"), "list");
        assertEquals(1, unreachable.status);
        assertEquals("", unreachable.out);
        assertTrue(last(unreachable.messages).startsWith("PostgreSQL at 127.0.0.1:1 "), unreachable.messages);
    }
}
