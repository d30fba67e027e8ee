package sensorpipeline.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/** Memory and garbage collection of a running program, from its management port. Safe for use by many threads. */
final class JvmMetrics {

    private static final Pattern HEAP = Pattern.compile("^jvm_memory_used_bytes\\{.*area=\"heap\".* (\\S+)$", Pattern.MULTILINE);
    private static final Pattern PAUSE = Pattern.compile("^jvm_gc_pause_seconds_max.* (\\S+)$", Pattern.MULTILINE);

    private final HttpCalls management;

    JvmMetrics(int managementPort) {
        management = new HttpCalls(managementPort);
    }

    /**
     * The state at a moment.
     *
     * @param heap used bytes, garbage included
     * @param longestPause longest recent garbage collection, in seconds
     */
    record State(double heap, double longestPause) {
    }

    State read() throws IOException, InterruptedException {
        String metrics = management.text("/observe/metrics");
        return new State(values(HEAP, metrics).sum(), values(PAUSE, metrics).max().orElse(0));
    }

    /** @return used bytes of the heap after a full garbage collection, which this call requests */
    double heapAfterCollection(long pid) throws IOException, InterruptedException {
        new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), String.valueOf(pid), "GC.run")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        return read().heap();
    }

    private static DoubleStream values(Pattern pattern, String metrics) {
        return pattern.matcher(metrics).results().mapToDouble(match -> Double.parseDouble(match.group(1)));
    }
}
