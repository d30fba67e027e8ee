package sensorpipeline.bench;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The built program in a process of its own, which writes its log to a file. */
final class JavaProgram implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    /** Longer than the program's own limit for stopping. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

    private final String name;
    private final Process process;
    private final Path log;

    private JavaProgram(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /** @return the folder of the build, which has the program and the classes of the benches */
    static Path target() {
        try {
            return Path.of(JavaProgram.class.getProtectionDomain().getCodeSource().getLocation().toURI()).getParent();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @return the JVM options of ./pipeline, with a heap of this many MB */
    static List<String> jvm(int heap) {
        return List.of("-Xmx" + heap + "m", "-XX:+UseParallelGC", "-XX:MetaspaceSize=128m", "-XX:CompileThresholdScaling=4", "-XX:+ExitOnOutOfMemoryError");
    }

    /**
     * @param name of the process in messages, and of its log
     * @param folder for the log
     * @param jvm options
     * @param environment all of it
     * @param services to run
     */
    static JavaProgram start(String name, Path folder, List<String> jvm, Map<String, String> environment, List<String> services)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(List.of("-jar", target().resolve("sensor-pipeline.jar").toString()));
        command.addAll(services);
        Path log = folder.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return new JavaProgram(name, builder.start(), log);
    }

    /**
     * Returns when the log has this text.
     *
     * @throws Failure if the program has ended, or after three minutes
     */
    void awaitLine(String text) throws IOException, InterruptedException {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (!Files.readString(log).contains(text)) {
            requireAlive();
            if (System.nanoTime() > end) {
                throw new Failure("The %s did not log '%s' within %d s:%n%s".formatted(name, text, START_LIMIT.toSeconds(), lastLines()));
            }
            Thread.sleep(50);
        }
    }

    /** @throws Failure if the program has ended */
    void requireAlive() {
        if (!process.isAlive()) {
            throw new Failure("The " + name + " ended with status " + process.exitValue() + ":\n" + lastLines());
        }
    }

    /** @return the end of the log */
    String lastLines() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
        } catch (IOException e) {
            return "(" + log + " cannot be read)";
        }
    }

    long pid() {
        return process.pid();
    }

    /** @return the peak resident memory (VmHWM), in bytes */
    long peakMemory() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid() + "/status")).stream().filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024).findFirst().orElseThrow();
    }

    /** Stops the program as SIGTERM does, so that it finishes what it has begun; kills it after 20 seconds. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            Output.say("The %s did not stop within %d s and was killed:%n%s", name, STOP_LIMIT.toSeconds(), lastLines());
        }
    }

    /** Kills the program: whatever it has not stored is no longer needed. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
