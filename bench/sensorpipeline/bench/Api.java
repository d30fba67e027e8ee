import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sensorpipeline.embedded.Ports;

/**
 * Measures how fast the REST API answers: starts the program with embedded servers, fills its database, and calls it with
 * several callers at once. README.md in this folder tells what each figure means.
 */
public final class Api {

    private static final String USAGE = """
            Usage: bench/api [--readings 1000000] [--sensors 100] [--seconds-between 5] [--callers 8] [--seconds 10] [--ingest 0] [--export | --hold]

              --readings         how many are stored before
              --sensors          of so many sensors
              --seconds-between  two readings of a sensor
              --callers          at a time
              --seconds          for each call
              --ingest           readings a second that as many simulated sensors send meanwhile
              --export           also export all readings as CSV
              --hold             measure nothing: run on, with the dashboard, until Ctrl-C
            """;
    private static final Set<String> FLAGS = Set.of("export", "hold");
    /** After so many rows of an export it is looked at the heap. */
    private static final int EXPORT_LOOK = 500_000;
    private static final Pattern HEAP = Pattern.compile("^jvm_memory_used_bytes\\{.*area=\"heap\".* (\\S+)$", Pattern.MULTILINE);
    private static final Duration WARM_UP = Duration.ofSeconds(30);
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Path JAR = Path.of(System.getProperty("java.class.path")).toAbsolutePath();

    private final Map<String, String> options = new LinkedHashMap<>(Map.of("readings", "1000000", "sensors", "100", "seconds-between", "5",
            "callers", "8", "seconds", "10", "ingest", "0", "export", "false", "hold", "false"));
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, Object> result = new LinkedHashMap<>();
    private final int apiPort = Ports.anyFree();
    private final int managementPort = Ports.anyFree();
    private final int dashboardPort = Ports.anyFree();
    private final int databasePort = Ports.anyFree();
    private final int kafkaPort = Ports.anyFree();

    public static void main(String[] arguments) throws Exception {
        Api bench = new Api();
        for (int i = 0; i < arguments.length; i++) {
            String name = arguments[i].replaceFirst("^--", "");
            if (!bench.options.containsKey(name)) {
                System.err.print(USAGE);
                System.exit("help".equals(name) ? 0 : 2);
            }
            bench.options.put(name, FLAGS.contains(name) ? "true" : arguments[++i]);
        }
        Path folder = Files.createTempDirectory(Path.of("target"), "bench-api");
        List<Process> processes = new ArrayList<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(processes, folder)));
        bench.run(folder, processes);
        System.out.println(new ObjectMapper().writeValueAsString(bench.result));
        System.exit(0);
    }

    private void run(Path folder, List<Process> processes) throws Exception {
        processes.add(start(folder, Map.of("PRODUCER_SENSORS", "0"), "consumer", "api"));
        awaitHealthy();
        fill();
        options.forEach((name, value) -> result.put(name.replace('-', '_'), value.matches("[0-9]+") ? Long.valueOf(value) : value));
        int ingest = number("ingest");
        if (ingest > 0) {
            processes.add(start(folder, Map.of("PRODUCER_SENSORS", options.get("sensors"), "PRODUCER_INTERVAL", String.valueOf(Math.max(1, 1000 * number("sensors") / ingest))), "producer"));
            Thread.sleep(Duration.ofSeconds(20).toMillis());
        }
        if (Boolean.parseBoolean(options.get("hold"))) {
            processes.add(start(folder, Map.of("DASHBOARD_PORT", String.valueOf(dashboardPort), "API_BASE_URL", "http://127.0.0.1:" + apiPort), "dashboard"));
            say("REST API http://127.0.0.1:%d, dashboard http://127.0.0.1:%d, PostgreSQL 127.0.0.1:%d; Ctrl-C ends it", apiPort, dashboardPort, databasePort);
            Thread.currentThread().join();
        }
        int callers = number("callers");
        // So long does Java compile what every request needs.
        call("/data/latest?limit=100", callers, WARM_UP);
        measure("latest", "/data/latest?limit=100", callers);
        measure("latest_50", "/data/latest?limit=50", callers);
        measure("stats", "/data/stats", callers);
        measure("stats_of_a_day", "/data/stats?from=-24h", callers);
        measure("readings_page", "/data/readings?limit=1000&from=-10h", callers);
        measure("sensors", "/sensors", callers);
        measure("series_of_a_day", "/data/series?metric=temperature&from=-24h", callers);
        measure("series_of_a_sensor_and_month", "/data/series?metric=temperature&from=-30d&sensor_id=sensor-00007", callers);
        measure("series_of_a_month", "/data/series?metric=temperature&from=-30d", 1);
        if (Boolean.parseBoolean(options.get("export"))) {
            export(processes.get(0).pid());
        }
    }

    private int number(String option) {
        return Integer.parseInt(options.get(option));
    }

    private Process start(Path folder, Map<String, String> environment, String... services) throws IOException {
        List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java"), "-Xmx512m", "-XX:+UseParallelGC",
                "-XX:MetaspaceSize=128m", "-jar", JAR.toString()));
        command.addAll(List.of(services));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log-" + services[0]).toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("DB_") || name.startsWith("KAFKA_"));
        builder.environment().putAll(Map.of("DATA_DIR", folder.resolve("data").toAbsolutePath().toString(), "API_PORT", String.valueOf(apiPort),
                "EMBEDDED_DB_PORT", String.valueOf(databasePort), "EMBEDDED_KAFKA_PORT", String.valueOf(kafkaPort), "MANAGEMENT_PORT", String.valueOf(services[0].equals("consumer") ? managementPort : 0)));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static void stop(List<Process> processes, Path folder) {
        processes.forEach(Process::destroy);
        try {
            for (Process process : processes) {
                process.waitFor(20, TimeUnit.SECONDS);
            }
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
            }
        } catch (IOException | InterruptedException e) {
            say("%s stays: %s", folder, e);
        }
    }

    private void awaitHealthy() throws Exception {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (System.nanoTime() < end) {
            try {
                if (get("/health").statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                // not yet open
            }
            Thread.sleep(200);
        }
        throw new IllegalStateException("The program did not start within " + START_LIMIT);
    }

    private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + apiPort + path)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private void fill() throws Exception {
        String sql = Files.readString(JAR.getParent().getParent().resolve("bench/fill.sql")).replace(":readings", options.get("readings"))
                .replace(":sensors", options.get("sensors")).replace(":seconds", options.get("seconds-between"));
        long start = System.nanoTime();
        try (Connection connection = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + databasePort + "/postgres", "postgres", "");
                Statement statement = connection.createStatement()) {
            for (String one : sql.split(";\n\n")) {
                statement.execute(one);
            }
        }
        say("Filled with %s readings in %.0f s", options.get("readings"), (System.nanoTime() - start) / 1e9);
    }

    private void measure(String name, String path, int callers) throws Exception {
        call(path, callers, Duration.ofSeconds(Math.max(2, number("seconds") / 3)));
        List<Long> times = call(path, callers, Duration.ofSeconds(number("seconds")));
        times.sort(null);
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("per_s", Math.round((double) times.size() / number("seconds")));
        figures.put("p50_ms", milliseconds(times, 0.5));
        figures.put("p99_ms", milliseconds(times, 0.99));
        figures.put("max_ms", milliseconds(times, 1));
        result.put(name, figures);
        say("%s: %s", path, figures);
    }

    private static double milliseconds(List<Long> sorted, double part) {
        return Math.round(sorted.get((int) Math.min(sorted.size() - 1, (long) (sorted.size() * part))) / 1e4) / 100.0;
    }

    /** @return how long each request took, in nanoseconds, from all callers one after the other */
    private List<Long> call(String path, int callers, Duration time) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        long end = System.nanoTime() + time.toNanos();
        List<Future<List<Long>>> all = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            all.add(threads.submit(() -> {
                List<Long> times = new ArrayList<>();
                while (System.nanoTime() < end) {
                    long start = System.nanoTime();
                    HttpResponse<byte[]> answer = get(path);
                    times.add(System.nanoTime() - start);
                    if (answer.statusCode() != 200) {
                        throw new IllegalStateException(path + " answered " + answer.statusCode() + " " + new String(answer.body()));
                    }
                }
                return times;
            }));
        }
        List<Long> times = new ArrayList<>();
        for (Future<List<Long>> one : all) {
            times.addAll(one.get());
        }
        threads.shutdown();
        return times;
    }

    /** @return what the program holds on its heap, in MB, after a collection */
    private double heap(long pid) throws IOException, InterruptedException {
        new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), String.valueOf(pid), "GC.run")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        String metrics = http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + "/observe/metrics")).build(),
                HttpResponse.BodyHandlers.ofString()).body();
        return HEAP.matcher(metrics).results().mapToDouble(found -> Double.parseDouble(found.group(1))).sum() / 1e6;
    }

    private void export(long pid) throws Exception {
        double heapBefore = heap(pid);
        double heapDuring = 0;
        long start = System.nanoTime();
        long looking = 0;
        AtomicLong lines = new AtomicLong();
        try (InputStream body = http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + apiPort + "/data/readings?format=csv")).build(),
                HttpResponse.BodyHandlers.ofInputStream()).body()) {
            byte[] buffer = new byte[64 * 1024];
            long nextLook = EXPORT_LOOK;
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                if (lines.get() > nextLook) {
                    long begun = System.nanoTime();
                    heapDuring = Math.max(heapDuring, heap(pid));
                    looking += System.nanoTime() - begun;
                    nextLook += EXPORT_LOOK;
                }
                for (int i = 0; i < count; i++) {
                    if (buffer[i] == '\n') {
                        lines.incrementAndGet();
                    }
                }
            }
        }
        double seconds = (System.nanoTime() - start - looking) / 1e9;
        result.put("export_extra_heap_mb", Math.round((heapDuring - heapBefore) * 10) / 10.0);
        result.put("export_rows", lines.get() - 1);
        result.put("export_rows_per_s", Math.round((lines.get() - 1) / seconds));
        say("Exported %d rows, %.0f a second", lines.get() - 1, (lines.get() - 1) / seconds);
    }

    private static void say(String line, Object... values) {
        System.err.println(line.formatted(values));
    }
}
