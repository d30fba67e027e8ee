package sensorpipeline.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import sensorpipeline.settings.Settings;

/** The built program as a separate process: {@code java -jar target/sensor-pipeline.jar}. */
public final class ProgramProcess implements AutoCloseable {

    static final Path JAR = Path.of("target/sensor-pipeline.jar").toAbsolutePath();

    /** Readings in samples/motes.csv, each once. */
    public static final int MOTES_READINGS = 18_914;
    private static final Path MOTES = Path.of("samples/motes.csv").toAbsolutePath();

    private final Process process;
    private final Path output;

    private ProgramProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /**
     * @param environment settings, in addition to those of this process
     * @param prefix command and arguments before {@code java}, for example to change the user
     * @param services names of services
     */
    public static ProgramProcess start(Map<String, String> environment, List<String> prefix, String... services) {
        return start(environment, prefix, FirstRun.archiveOption(), List.of(services));
    }

    /**
     * @param environment settings, in addition to those of this process
     * @param option of {@code java} that archives the loaded classes
     */
    static ProgramProcess recording(Map<String, String> environment, String option) {
        return start(environment, List.of(), option, List.of());
    }

    private static ProgramProcess start(Map<String, String> environment, List<String> prefix, String option, List<String> services) {
        try {
            List<String> command = new ArrayList<>(prefix);
            command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m", "-XX:+UseParallelGC", "-XX:TieredStopAtLevel=1", option, "-jar", JAR.toString()));
            command.addAll(services);
            Path output = Files.createTempFile(Files.createDirectories(Path.of("target/test-programs")), "program", ".log");
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            return new ProgramProcess(builder.start(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @see #start(Map, List, String...) */
    public static ProgramProcess start(Map<String, String> environment, String... services) {
        return start(environment, List.of(), services);
    }

    /** @return settings of a program with its own embedded servers in a folder, on free ports */
    public static Map<String, String> embedded(Path folder) {
        Map<String, String> environment = new HashMap<>();
        environment.put("DATA_DIR", folder.toAbsolutePath().toString());
        for (String port : List.of("API_PORT", "DASHBOARD_PORT", "MANAGEMENT_PORT", "EMBEDDED_KAFKA_PORT", "EMBEDDED_DB_PORT")) {
            environment.put(port, String.valueOf(SteadyPorts.anyFree()));
        }
        environment.put("API_BASE_URL", "http://127.0.0.1:" + environment.get("API_PORT"));
        environment.put("PRODUCER_SENSORS", "0");
        return environment;
    }

    /** @return the same settings, with which the producer replays samples/motes.csv as fast as possible */
    public static Map<String, String> replaying(Map<String, String> environment) {
        Map<String, String> replaying = new HashMap<>(environment);
        replaying.put("PRODUCER_FILE", MOTES.toString());
        replaying.put("PRODUCER_SPEED", "0");
        return replaying;
    }

    /** @return the embedded database of a program with these settings */
    public static Database database(Map<String, String> environment) {
        return new Database(Settings.load(Map.of()).with("db.host", "127.0.0.1").with("db.port", environment.get("EMBEDDED_DB_PORT")));
    }

    /** @return a caller of the REST API of a program with these settings */
    public static Http api(Map<String, String> environment) {
        return new Http(Integer.parseInt(environment.get("API_PORT")));
    }

    /** @return a new data folder under target */
    public static Path folder(String name) {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target/test-servers")), name).toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return a data folder that the program has used before, without readings: a start need not create the servers */
    public static Path usedFolder(String name) {
        Path folder = folder(name);
        FirstRun.copyData(folder);
        return folder;
    }

    /** @return its output so far */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it has written this; fails after two minutes, or if it ends before. */
    public void awaitOutput(String text) {
        Awaitility.await("'" + text + "' in the output").atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(50))
                .failFast(() -> {
                    if (!process.isAlive() && !output().contains(text)) {
                        throw new AssertionError("ended with " + process.exitValue() + " without '" + text + "':\n" + output());
                    }
                }).until(() -> output().contains(text));
    }

    /** @return its exit status; fails after a timeout */
    public int awaitEnd(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("still running after " + limit + ":\n" + output());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Sends SIGKILL, and waits until the process has ended; servers that it started keep running. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd(Duration.ofSeconds(10));
    }

    /** Suspends it (SIGSTOP) until {@link #thaw}. */
    public void freeze() {
        Signals.freeze(process.toHandle());
    }

    /** Resumes it. */
    public void thaw() {
        Signals.thaw(process.toHandle());
    }

    /** @return its process id */
    public long pid() {
        return process.pid();
    }

    /** @return true if it is running */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Stops it if it is still running. */
    @Override
    public void close() {
        terminate();
        awaitEnd(Duration.ofSeconds(30));
    }
}
