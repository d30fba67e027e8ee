package sensorpipeline.support;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The helm command line, installed by {@code .ci/install-helm target/tools} or on the PATH. Skips the test if there is none;
 * with CHART_TOOLS_REQUIRED=true, fails instead.
 */
public final class Helm {

    private static final Path TOOLS = Path.of("target/tools").toAbsolutePath();

    private Helm() {
    }

    /**
     * Result of a command.
     *
     * @param status exit status
     * @param output on standard output
     * @param errors on standard error
     */
    public record Result(int status, String output, String errors) {
    }

    /** Skips the test if helm is not installed. */
    public static void require() {
        if (!"true".equals(System.getenv("CHART_TOOLS_REQUIRED"))) {
            boolean isThere = Stream.of(path().split(File.pathSeparator)).anyMatch(folder -> Files.isExecutable(Path.of(folder, "helm")));
            Assumptions.assumeTrue(isThere, "there is no helm (.ci/install-helm target/tools), so the chart is not tested");
        }
    }

    private static String path() {
        return TOOLS + File.pathSeparator + System.getenv("PATH");
    }

    /** @return output of a command, which has to succeed */
    public static String run(String... arguments) {
        Result result = call(arguments);
        if (result.status() != 0) {
            throw new AssertionError("helm %s ended with status %d:%n%s%s"
                    .formatted(String.join(" ", arguments), result.status(), result.output(), result.errors()));
        }
        return result.output();
    }

    /** @return result of {@code helm} with these arguments */
    public static Result call(String... arguments) {
        List<String> command = new ArrayList<>(List.of("env", "helm"));
        command.addAll(List.of(arguments));
        return execute(command);
    }

    /** @return result of a command with helm on its PATH */
    public static Result execute(List<String> command) {
        try {
            Path home = Files.createDirectories(Path.of("target/helm"));
            Path errors = Files.createTempFile(home, "errors", ".txt");
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
            builder.environment().put("PATH", path());
            // Ignores the user's helm configuration.
            for (String folder : List.of("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")) {
                builder.environment().put(folder, home.toAbsolutePath().toString());
            }
            Process process = builder.start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Result result = new Result(process.waitFor(), output, Files.readString(errors));
            Files.delete(errors);
            return result;
        } catch (IOException e) {
            throw new IllegalStateException(command + " cannot be started: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
