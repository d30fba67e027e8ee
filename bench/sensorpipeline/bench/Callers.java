package sensorpipeline.bench;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Concurrent callers of the REST API, each of which sends its next request as soon as it has the response. */
final class Callers {

    private final HttpCalls api;
    private final Duration duration;

    /** @param duration of a measurement, which is preceded by a warm-up of a third of it, at least two seconds */
    Callers(HttpCalls api, Duration duration) {
        this.api = api;
        this.duration = duration;
    }

    /**
     * @param callers concurrent ones
     * @return responses per second and response times
     * @throws Failure if a request fails or its status is not 200
     */
    Map<String, Object> measure(String path, int callers) throws InterruptedException {
        call(path, callers, Duration.ofSeconds(Math.max(2, duration.toSeconds() / 3)));
        List<Long> times = call(path, callers, duration);
        Percentiles percentiles = new Percentiles(times);
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("per_s", Math.round((double) times.size() / duration.toSeconds()));
        figures.put("p50_ms", milliseconds(percentiles.at(50)));
        figures.put("p99_ms", milliseconds(percentiles.at(99)));
        figures.put("max_ms", milliseconds(percentiles.at(100)));
        Output.say("%s: %s", path, figures);
        return figures;
    }

    private static Double milliseconds(long nanoseconds) {
        return Output.rounded(nanoseconds / 1e6, 2);
    }

    /**
     * @return the response times of all callers, in nanoseconds
     * @throws Failure if a request fails or its status is not 200
     */
    List<Long> call(String path, int callers, Duration limit) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            long end = System.nanoTime() + limit.toNanos();
            List<Future<List<Long>>> all = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                all.add(threads.submit(() -> callUntil(end, path)));
            }
            List<Long> times = new ArrayList<>();
            for (Future<List<Long>> one : all) {
                times.addAll(one.get());
            }
            return times;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Failure failure ? failure : new Failure(path + " failed: " + e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private List<Long> callUntil(long end, String path) throws Exception {
        List<Long> times = new ArrayList<>();
        do {
            long start = System.nanoTime();
            HttpResponse<byte[]> response = api.get(path);
            times.add(System.nanoTime() - start);
            if (response.statusCode() != 200) {
                throw new Failure("%s returned status %d: %s".formatted(path, response.statusCode(), new String(response.body(), StandardCharsets.UTF_8)));
            }
        } while (System.nanoTime() < end);
        return times;
    }
}
