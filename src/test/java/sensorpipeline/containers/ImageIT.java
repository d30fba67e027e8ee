package sensorpipeline.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.support.Docker;
import sensorpipeline.support.Http;

/** The image on its own, without external servers. */
class ImageIT {

    private static final String IMAGE = "sensor-pipeline:test";
    private static final String CONTAINER = "sensor-pipeline-alone-" + ProcessHandle.current().pid();
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final long MOST_BYTES = 330_000_000;

    @BeforeAll
    static void build() {
        Docker.build(IMAGE);
    }

    @Test
    void aloneItRunsEverythingOnServersOfItsOwn() {
        Docker.run("run", "--detach", "--name", CONTAINER, "--cap-drop", "ALL", "--memory", "1g", "--publish-all", IMAGE);
        try {
            Awaitility.await("healthy").atMost(LIMIT).pollInterval(Duration.ofMillis(500)).until(() ->
                    Docker.run("inspect", "--format", "{{.State.Health.Status}}", CONTAINER).equals("healthy"));
            Http dashboard = new Http(Integer.parseInt(Docker.run("port", CONTAINER, "3000").lines().findFirst().orElseThrow().replaceAll(".*:", "")));
            Awaitility.await("simulated devices").atMost(LIMIT).until(() ->
                    Http.json(dashboard.get("/api/data/stats")).path("data").path("overall").path("active_sensors").asInt() == 10);
            Docker.run("stop", CONTAINER);
            assertEquals("0", Docker.run("inspect", "--format", "{{.State.ExitCode}}", CONTAINER));
            assertTrue(Docker.run("logs", CONTAINER).lines().allMatch(line -> line.startsWith("{\"timestamp\":")), "each line of the log is JSON");
        } finally {
            Docker.run("rm", "--force", "--volumes", CONTAINER);
        }
    }

    @ParameterizedTest
    @CsvSource({"api, LOG_FORMAT=xml, LOG_FORMAT must be text or json; got 'xml'", "consume, LOG_FORMAT=json, Unknown service 'consume'",
            "api, DB_PASSWORD_FILE=/nowhere, DB_PASSWORD_FILE must be a file that can be read; got '/nowhere'"})
    void whatIsWrongIsSaidInALineAndEndsWithStatus2(String service, String variable, String message) {
        Docker.Result result = Docker.call(Map.of(), List.of("run", "--rm", "--env", "DB_HOST=localhost", "--env", variable, IMAGE, service));
        assertEquals(2, result.status(), result.output());
        assertTrue(result.output().contains(message), result.output());
    }

    @Test
    void weighsNoMoreThanItsDocumentationSays() {
        long bytes = Long.parseLong(Docker.run("image", "inspect", "--format", "{{.Size}}", IMAGE));
        assertTrue(bytes < MOST_BYTES, bytes + " bytes");
    }
}
