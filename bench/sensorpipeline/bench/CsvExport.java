package sensorpipeline.bench;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** An export of all readings as CSV, and the heap that it takes in the program. */
final class CsvExport {

    /** The heap is sampled each time this many rows have arrived. */
    private static final int SAMPLE_ROWS = 500_000;

    private final HttpCalls api;
    private final JvmMetrics metrics;
    private final long pid;

    /** @param pid of the program, whose heap is collected before it is sampled */
    CsvExport(HttpCalls api, JvmMetrics metrics, long pid) {
        this.api = api;
        this.metrics = metrics;
        this.pid = pid;
    }

    /** Exports, and adds the figures. */
    void measure(Map<String, Object> result) throws IOException, InterruptedException {
        double heapBefore = metrics.heapAfterCollection(pid);
        double heapDuring = 0;
        long sampling = 0;
        long lines = 0;
        long nextSample = SAMPLE_ROWS;
        long start = System.nanoTime();
        try (InputStream body = api.stream("/data/readings?format=csv")) {
            byte[] buffer = new byte[64 * 1024];
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                if (lines > nextSample) {
                    long begun = System.nanoTime();
                    heapDuring = Math.max(heapDuring, metrics.heapAfterCollection(pid));
                    sampling += System.nanoTime() - begun;
                    nextSample += SAMPLE_ROWS;
                }
                for (int i = 0; i < count; i++) {
                    if (buffer[i] == '\n') {
                        lines++;
                    }
                }
            }
        }
        double seconds = (System.nanoTime() - start - sampling) / 1e9;
        long rows = lines - 1;
        result.put("export_extra_heap_mb", heapDuring == 0 ? null : Output.rounded((heapDuring - heapBefore) / 1e6, 1));
        result.put("export_rows", rows);
        result.put("export_rows_per_s", Math.round(rows / seconds));
        Output.say("Exported %,d rows, %,.0f per second", rows, rows / seconds);
    }
}
