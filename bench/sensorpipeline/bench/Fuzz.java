package sensorpipeline.bench;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sends hostile records through Kafka and the program to PostgreSQL, and checks that each is stored, merged, repeated, or a dead letter whose
 * reason is the parser's, or one of those documented for records that are readings. bench/README.md explains the figures.
 */
public final class Fuzz {

    private Fuzz() {
    }

    /** Prints the figures as one line of JSON. Exits with 0 if every record became what it should, 1 if not, 2 for a wrong command line. */
    public static void main(String[] arguments) {
        System.exit(Benchmark.run(FuzzOptions.USAGE, arguments, Resources.closedOnExit(),
                (given, resources) -> measure(new FuzzOptions(given), resources)));
    }

    private static Map<String, Object> measure(FuzzOptions options, Resources resources) throws Exception {
        Output.say("--seed %d", options.seed);
        Map<String, String> given = new HashMap<>(System.getenv());
        // Exports are read whole, whatever they hold.
        given.putIfAbsent("API_QUERY_TIMEOUT", "60000");
        RunServers servers = RunServers.prepare(options.data, options.keeps, given, resources);
        FuzzRun run = new FuzzRun(servers.settings(), options.seed, options.records);
        run.prepare();
        run.send();
        Ledger ledger = resources.opening(new Ledger(servers.settings()));
        ConsumerGroup group = resources.opening(new ConsumerGroup(servers.settings()));
        double postgres = ledger.processorSeconds();
        long start = System.nanoTime();
        JavaProgram program = resources.opening(JavaProgram.start("program", servers.folder(), JavaProgram.jvm(options.heap),
                servers.environment(), List.of("consumer", "api")));
        program.awaitLine("Running");
        try {
            run.awaitDone(group, ledger, program::requireAlive);
        } catch (Failure e) {
            throw new Failure(e.getMessage() + "\n" + program.lastLines());
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("records", options.records);
        result.put("seed", options.seed);
        result.put("seconds", Output.rounded(seconds, 1));
        result.put("records_per_s", Math.round(options.records / seconds));
        result.put("java_us_per_record", Output.rounded(ProcessorTime.seconds(program.pid()) * 1e6 / options.records, 1));
        result.put("postgres_us_per_record", Output.rounded((ledger.processorSeconds() - postgres) * 1e6 / options.records, 1));
        run.check(result);
        program.stop();
        return result;
    }
}
