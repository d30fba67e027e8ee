package sensorpipeline.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures throughput and processor cost of storing readings: fills a topic, lets a consumer in a process of its own drain it,
 * and compares that with a bare COPY on the same server. bench/README.md explains the figures.
 */
public final class Ingest {

    private final IngestOptions options;
    private final Map<String, String> environment;
    private final Resources resources;
    private final Map<String, Object> result = new LinkedHashMap<>();

    private Ingest(IngestOptions options, Map<String, String> environment, Resources resources) {
        this.options = options;
        this.environment = environment;
        this.resources = resources;
    }

    /** Prints the figures as one line of JSON. Exits with 0 if every reading was stored exactly once, 1 if not, 2 for a wrong command line. */
    public static void main(String[] arguments) {
        Map<String, String> environment = System.getenv();
        System.exit(Benchmark.run(IngestOptions.USAGE, arguments, Resources.closedOnExit(),
                (given, resources) -> new Ingest(new IngestOptions(given, environment), environment, resources).measure()));
    }

    private Map<String, Object> measure() throws Exception {
        if (!Files.exists(Path.of("/proc/self/stat"))) {
            throw new Failure("The benchmark needs Linux, because it reads processor times from /proc");
        }
        RunServers servers = RunServers.prepare(options.data, options.keeps, environmentOfRun(), resources);
        describeRun(servers);
        Workload workload = new Workload(options);
        Sender sender = resources.opening(new Sender(servers.settings(), options, workload));
        if (!options.isPaced()) {
            sender.preload();
        }
        Ledger ledger = resources.opening(new Ledger(servers.settings()));
        ConsumerGroup group = resources.opening(new ConsumerGroup(servers.settings()));
        JavaProgram consumer = resources.opening(JavaProgram.start("consumer", servers.folder(), options.jvm,
                servers.environment(), options.isPaced() ? List.of("consumer", "api") : List.of("consumer")));
        Drain drain = new Drain(options.events, ledger, group, consumer);
        drain.awaitConsumption();
        if (options.isPaced()) {
            consumer.awaitLine("Running");
            drainWhileSending(servers.settings(), sender, group, drain);
        } else {
            drain.awaitStored(() -> options.events);
        }
        long peakMemory = consumer.peakMemory();
        consumer.stop();
        long sent = options.events + (long) result.getOrDefault("probes", 0L);
        drain.report(result, sent, peakMemory);
        reportStored(ledger, workload, sent);
        if (!options.isPaced()) {
            double limit = new CopyLimit(ledger.connection(), options).measure();
            result.put("copy_limit_rows_per_s", Math.round(limit));
            result.put("ratio_to_limit", Output.rounded((long) result.get("events_per_s") / limit, 3));
        }
        return result;
    }

    private Map<String, String> environmentOfRun() {
        Map<String, String> given = new HashMap<>(environment);
        // One more than sends: the probe of the latency.
        given.put("LIMIT_SENSORS", String.valueOf(Math.max(100_000, options.sensors + 1)));
        if (options.consumers != null) {
            given.put(PipelineSettings.CONSUMERS, options.consumers);
        }
        return given;
    }

    private void describeRun(RunServers servers) {
        result.put("events", options.events);
        result.put("sensors", options.sensors);
        result.put("metrics", options.metrics);
        result.put("sparse", options.sparse);
        result.put("split", options.isSplit);
        result.put("duplicates", options.duplicates);
        result.put("late", options.late);
        result.put("interval", Output.rounded(options.interval, 3));
        result.put("rate", options.isPaced() ? options.rate : null);
        result.put("consumers", servers.settings().consumers());
        result.put("jvm", String.join(" ", options.jvm));
    }

    private void drainWhileSending(PipelineSettings settings, Sender sender, ConsumerGroup group, Drain drain) throws Exception {
        Probe probe = resources.opening(new Probe(settings));
        Watch watch = resources.opening(new Watch(group, settings.managementPort()));
        AtomicLong expected = new AtomicLong(Long.MAX_VALUE);
        Thread sending = new Thread(() -> {
            try {
                sender.sendPaced();
                expected.set(options.events + probe.finish());
            } catch (InterruptedException | RuntimeException e) {
                drain.abandon(e);
            }
        }, "sender");
        sending.setDaemon(true);
        sending.start();
        drain.awaitStored(expected::get);
        sending.join();
        result.put("sent_per_s", Math.round(sender.pace()));
        probe.report(result);
        watch.report(result);
    }

    private void reportStored(Ledger ledger, Workload workload, long sent) throws SQLException, InterruptedException {
        // A connection reports its statistics at the latest when it ends.
        ledger.awaitNoOtherClients();
        long stored = ledger.number("SELECT count(*) FROM reading");
        String partitions = " FROM pg_stat_user_tables WHERE relid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'reading'::regclass)";
        result.put("repeated_readings", workload.repeated());
        result.put("late_readings", workload.late());
        result.put("stored_readings", stored);
        result.put("dead_rows", ledger.number("SELECT coalesce(sum(n_dead_tup), 0)" + partitions));
        result.put("rolled_back_rows", ledger.number("SELECT coalesce(sum(n_tup_ins), 0)" + partitions) - stored);
        result.put("merged_records", workload.merged());
        result.put("exact", stored == sent - workload.repeated() - workload.merged() && (options.isPaced() || areValuesExact(ledger, workload)));
    }

    private boolean areValuesExact(Ledger ledger, Workload workload) throws SQLException {
        return ledger.number("SELECT sum(cardinality(array_remove(\"values\", NULL))) FROM reading") == (options.events - workload.repeated()) * options.metricsPerRecord();
    }
}
