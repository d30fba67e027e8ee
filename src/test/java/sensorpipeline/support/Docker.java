package sensorpipeline.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * The docker command line. Skips the test if no container engine is running; with CONTAINERS_REQUIRED=true, fails instead.
 */
public final class Docker {

    private static final long LIMIT_MINUTES = 15;

    private Docker() {
    }

    /**
     * Result of a command.
     *
     * @param status exit status
     * @param output on standard output; on failure also on standard error
     */
    public record Result(int status, String output) {
    }

    /** Builds the image of this checkout, using the build cache. */
    public static void build(String tag) {
        requireEngine();
        run("build", "--quiet", "--tag", tag, ".");
    }

    /** Skips the test if no engine is running. */
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

    /** @return output of a command, which has to succeed */
    public static String run(String... arguments) {
        return run(Map.of(), List.of(arguments));
    }

    /**
     * @param environment variables in addition to those of this process
     * @param arguments of docker
     * @return output of a command, which has to succeed
     */
    public static String run(Map<String, String> environment, List<String> arguments) {
        Result result = call(environment, arguments);
        if (result.status() != 0) {
            throw new AssertionError("docker %s ended with status %d:%n%s".formatted(String.join(" ", arguments), result.status(), result.output()));
        }
        return result.output();
    }

    /**
     * @param environment variables in addition to those of this process
     * @param arguments of docker
     * @return result of the command
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
