import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs the program once during the image build, with all services on the embedded servers, and archives the classes that it loads,
 * so that later starts are faster (application class-data sharing, JEP 350). Exits with status 1 if the program does not become healthy.
 */
final class StartupTraining {

    private static final Path HOME = Path.of("/opt/sensor-pipeline");
    private static final String JAVA = "/opt/runtime/bin/java";
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final long STOP_LIMIT_SECONDS = 180;
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    /** The most frequent requests, to load the classes that they need. */
    private static final List<String> ASKED = List.of("http://127.0.0.1:3000/", "http://127.0.0.1:3000/api/data/stats",
            "http://127.0.0.1:8080/data/latest", "http://127.0.0.1:8080/data/readings?format=csv", "http://127.0.0.1:8080/data/series?metric=temperature",
            "http://127.0.0.1:8080/sensors", "http://127.0.0.1:8080/dead-letters", "http://127.0.0.1:9876/observe/metrics");
    private static final int ROUNDS = 20;

    private StartupTraining() {
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path data = Files.createTempDirectory("training");
        ProcessBuilder program = new ProcessBuilder(JAVA, "-XX:ArchiveClassesAtExit=startup.jsa", "@java.options", "-jar", "sensor-pipeline.jar")
                .directory(HOME.toFile()).inheritIO();
        program.environment().putAll(Map.of("DATA_DIR", data.toString(), "PRODUCER_INTERVAL", "100ms", "LOG_FORMAT", "json"));
        Process process = program.start();
        try {
            awaitOk(process, "http://127.0.0.1:9876/observe/health");
            for (int round = 0; round < ROUNDS; round++) {
                for (String address : ASKED) {
                    awaitOk(process, address);
                }
            }
            probe();
        } finally {
            process.destroy();
            if (!process.waitFor(STOP_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
        if (process.exitValue() != 0 || !Files.isRegularFile(HOME.resolve("startup.jsa")) || !Files.isRegularFile(HOME.resolve("probe.jsa"))) {
            throw new IllegalStateException("The program ended with status " + process.exitValue() + ", or an archive is missing");
        }
    }

    /** Retries, because other builds on the machine can slow down the program. */
    private static void awaitOk(Process process, String address) throws InterruptedException {
        Instant end = Instant.now().plus(LIMIT);
        for (int status = status(address); status != 200; status = status(address)) {
            if (!process.isAlive() || Instant.now().isAfter(end)) {
                throw new IllegalStateException(address + " responded with status " + status);
            }
            Thread.sleep(200);
        }
    }

    private static int status(String address) throws InterruptedException {
        try {
            return CLIENT.send(HttpRequest.newBuilder(URI.create(address)).timeout(Duration.ofSeconds(10)).build(), HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Runs the health check as the image does, and archives its classes: a small archive takes less time to open. */
    private static void probe() throws IOException, InterruptedException {
        int status = new ProcessBuilder(JAVA, "-XX:ArchiveClassesAtExit=probe.jsa", "@probe.options", "sensorpipeline.health.HealthProbe").directory(HOME.toFile()).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IllegalStateException("The health check ended with status " + status);
        }
    }
}
