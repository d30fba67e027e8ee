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
 * helm, through its command line, as {@code .ci/install-helm target/tools} installs it, or from the PATH. Skips the test where there is
 * none; with CHART_TOOLS_REQUIRED=true that is a failure.
 */
public final class Helm {

    private static final Path TOOLS = Path.of("target/tools").toAbsolutePath();

    private Helm() {
    }

    /**
     * How a command ended.
     *
     * @param status with which it ended
     * @param output on standard output
     * @param errors on standard error
     */
    public record Result(int status, String output, String errors) {
    }

    /** Skips the test where there is no helm. */
    public static void require() {
        if (!"true".equals(System.getenv("CHART_TOOLS_REQUIRED"))) {
            boolean isThere = Stream.of(path().split(File.pathSeparator)).anyMatch(folder -> Files.isExecutable(Path.of(folder, "helm")));
            Assumptions.assumeTrue(isThere, "there is no helm (.ci/install-helm target/tools), so the chart is not tested");
        }
    }

    private static String path() {
        return TOOLS + File.pathSeparator + System.getenv("PATH");
    }

    /** @return what the command printed; it has to succeed */
    public static String run(String... arguments) {
        Result result = call(arguments);
        if (result.status() != 0) {
            throw new AssertionError("helm %s ended with status %d:%n%s%s"
                    .formatted(String.join(" ", arguments), result.status(), result.output(), result.errors()));
        }
        return result.output();
    }

    /** @return how {@code helm} with these arguments ended */
    public static Result call(String... arguments) {
        List<String> command = new ArrayList<>(List.of("env", "helm"));
        command.addAll(List.of(arguments));
        return execute(command);
    }

    /** @return how a command ended that finds helm on its PATH */
    public static Result execute(List<String> command) {
        try {
            Path home = Files.createDirectories(Path.of("target/helm"));
            Path errors = Files.createTempFile(home, "errors", ".txt");
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
            builder.environment().put("PATH", path());
            // Not what the user of this machine has set for helm.
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
