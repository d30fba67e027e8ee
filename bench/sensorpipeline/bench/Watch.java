package sensorpipeline.bench;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Samples lag, heap and garbage collection every second. */
final class Watch implements AutoCloseable {

    private static final int MINUTE = 60;

    private final ConsumerGroup group;
    private final JvmMetrics metrics;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    /** Used bytes of the heap, a value per second. */
    private final List<Double> heap = new CopyOnWriteArrayList<>();
    private volatile long highestLag;
    private volatile double longestPause;

    Watch(ConsumerGroup group, int managementPort) {
        this.group = group;
        metrics = new JvmMetrics(managementPort);
        executor.scheduleAtFixedRate(this::sample, 0, 1, TimeUnit.SECONDS);
    }

    private void sample() {
        try {
            highestLag = Math.max(highestLag, group.lag());
            JvmMetrics.State state = metrics.read();
            heap.add(state.heap());
            longestPause = Math.max(longestPause, state.longestPause());
        } catch (IOException | ExecutionException e) {
            Output.say("Skipped a sample of lag and heap: %s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Adds the figures. */
    void report(Map<String, Object> result) {
        result.put("max_lag", highestLag);
        result.put("heap_after_gc_first_minute_mb", lowest(heap.subList(0, Math.min(heap.size(), MINUTE))));
        result.put("heap_after_gc_last_minute_mb", lowest(heap.subList(Math.max(0, heap.size() - MINUTE), heap.size())));
        result.put("max_gc_pause_ms", Math.round(longestPause * 1000));
    }

    /** @return the lowest sample, which is the closest to a garbage collection, in MiB */
    private static Long lowest(List<Double> samples) {
        return samples.isEmpty() ? null : Math.round(Collections.min(samples) / 1048576);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
