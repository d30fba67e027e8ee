package sensorpipeline.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The command line of bench/ingest. Immutable. */
final class IngestOptions {

    static final String USAGE = """
            Usage: bench/ingest [option ...]

              --events N      records to send (1000000)
              --sensors N     sensors that send them (100)
              --metrics N     metrics per sensor (2)
              --sparse P      percentage of its sensor's metrics that a reading has, others each time, at least one (100)
              --split         a record per metric: as many records as metrics make one reading
              --interval S    seconds between two readings of a sensor; the last one is from now (1)
              --duplicates P  percentage of readings that repeat an earlier one, 0 to 99 (0)
              --late P        percentage of readings whose time is hours to days in the past (0)
              --consumers N   consumers in the program (default: see resources/application.properties)
              --rate R        send R readings per second while the consumer runs, instead of before; also measures latency
              --heap MB       heap of the consumer (512); JAVA_OPTS replaces all its JVM options
              --data DIR      where the embedded servers create a folder for their data (target/bench)
              --keep          keep topic, database and data folder

            The servers are those of KAFKA_BOOTSTRAP_SERVERS and DB_HOST (with DB_PORT, DB_NAME, DB_USER, DB_PASSWORD), or
            embedded ones that are started for the run.
            """;

    private static final Set<String> WITH_VALUE = Set.of("--events", "--sensors", "--metrics", "--interval", "--duplicates",
            "--late", "--sparse", "--consumers", "--rate", "--heap", "--data");

    /** Two readings of a sensor any closer would have the same millisecond, and so be the same reading. */
    private static final double SHORTEST_INTERVAL = 0.002;

    final long events;
    final int sensors;
    final int metrics;
    /** Seconds between two readings of a sensor. */
    final double interval;
    /** Percent. */
    final double duplicates;
    /** Percent. */
    final double late;
    /** Percent. */
    final double sparse;
    final boolean isSplit;
    /** Number of consumers; null for the program's default. */
    final String consumers;
    /** Readings per second; 0 if all are sent before. */
    final double rate;
    /** Null for target/bench. */
    final Path data;
    final boolean keeps;
    /** JVM options of the consumer. */
    final List<String> jvm;

    /**
     * @param arguments of the command line
     * @param environment for {@code JAVA_OPTS}
     * @throws Misuse if they are not as {@link #USAGE} says
     */
    IngestOptions(String[] arguments, Map<String, String> environment) {
        Arguments given = new Arguments(arguments, WITH_VALUE, Set.of("--keep", "--split"));
        events = given.whole("--events", 1_000_000, 1, 1_000_000_000);
        sensors = (int) given.whole("--sensors", 100, 1, 10_000_000);
        metrics = (int) given.whole("--metrics", 2, 1, 1000);
        duplicates = given.number("--duplicates", 0, 0, 99);
        late = given.number("--late", 0, 0, 100);
        sparse = given.number("--sparse", 100, 0, 100);
        isSplit = given.has("--split");
        if (isSplit && given.has("--sparse")) {
            throw new Misuse("Give only one of --split and --sparse");
        }
        consumers = given.has("--consumers") ? String.valueOf(given.whole("--consumers", 1, 1, 1000)) : null;
        rate = given.number("--rate", 0, 1, 1e7);
        long heap = given.whole("--heap", 512, 64, 1_000_000);
        data = given.has("--data") ? Path.of(given.text("--data")).toAbsolutePath() : null;
        keeps = given.has("--keep");
        interval = isPaced() ? sensors * recordsPerReading() / rate : given.number("--interval", 1, SHORTEST_INTERVAL, 1e6);
        if (isPaced() && given.has("--interval")) {
            throw new Misuse("--interval follows from --rate and --sensors; give only one of --interval and --rate");
        }
        if (interval < SHORTEST_INTERVAL) {
            throw new Misuse("--rate must be at most %d for %d sensors (500 readings per second each); got '%s'"
                    .formatted(Math.round(sensors / SHORTEST_INTERVAL), sensors, given.text("--rate")));
        }
        String options = environment.get("JAVA_OPTS");
        if (given.has("--heap") && options != null) {
            throw new Misuse("JAVA_OPTS replaces the heap of --heap; give only one of them");
        }
        jvm = options == null ? JavaProgram.jvm((int) heap) : List.of(options.strip().split("\\s+"));
    }

    /** @return the number of consecutive records that are one reading */
    int recordsPerReading() {
        return isSplit ? metrics : 1;
    }

    /** @return the number of metrics in a record */
    int metricsPerRecord() {
        return isSplit ? 1 : (int) Math.max(1, Math.round(metrics * sparse / 100));
    }

    /** @return true if readings are sent while the consumer runs */
    boolean isPaced() {
        return rate > 0;
    }
}
