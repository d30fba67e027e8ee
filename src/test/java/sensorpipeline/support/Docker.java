package sensorpipeline.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * The container engine of this machine, through its command line. Skips the test where none runs; with CONTAINERS_REQUIRED=true that is
 * a failure.
 */
public final class Docker {

    private static final long LIMIT_MINUTES = 15;

    private Docker() {
    }

    /**
     * What a command printed.
     *
     * @param status with which it ended
     * @param output on standard output, and on standard error where it failed
     */
    public record Result(int status, String output) {
    }

    /** Builds the image of this checkout, from what was built before where that is unchanged. */
    public static void build(String tag) {
        requireEngine();
        run("build", "--quiet", "--tag", tag, ".");
    }

    /** Skips the test where no engine runs. */
    public static void requireEngine() {
        if (!"true".equals(System.getenv("CONTAINERS_REQUIRED"))) {
            Assumptions.assumeTrue(isThere(), "no container engine with Compose runs here, so the image is not tested");
        }
    }

    private static boolean isThere() {
        try {
            return call(Map.of(), List.of("info")).status() == 0 && call(Map.of(), List.of("compose", "version")).status() == 0;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /** @return what the command printed; it has to succeed */
    public static String run(String... arguments) {
        return run(Map.of(), List.of(arguments));
    }

    /**
     * @param environment in addition to that of this process
     * @param arguments of docker
     * @return what the command printed; it has to succeed
     */
    public static String run(Map<String, String> environment, List<String> arguments) {
        Result result = call(environment, arguments);
        if (result.status() != 0) {
            throw new AssertionError("docker %s ended with status %d:%n%s".formatted(String.join(" ", arguments), result.status(), result.output()));
        }
        return result.output();
    }

    /**
     * @param environment in addition to that of this process
     * @param arguments of docker
     * @return how the command ended, and what it printed
     */
    public static Result call(Map<String, String> environment, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("docker"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
            }
            return new Result(process.waitFor(), output);
        } catch (IOException e) {
            throw new IllegalStateException("docker cannot be started: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
