package sensorpipeline.bench;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** The command line of bench/fuzz. Immutable. */
final class FuzzOptions {

    static final String USAGE = """
            Usage: bench/fuzz [option ...]

              --records N     records to send (1000000)
              --seed N        the same seed makes the same records, but for the date (random, and told)
              --heap MB       heap of the program (512)
              --data DIR      where the embedded servers create a folder for their data (target/bench)
              --keep          keep topics, database and data folder

            The servers are those of KAFKA_BOOTSTRAP_SERVERS and DB_HOST (with DB_PORT, DB_NAME, DB_USER, DB_PASSWORD), or
            embedded ones that are started for the run.
            """;

    private static final Set<String> WITH_VALUE = Set.of("--records", "--seed", "--heap", "--data");
    private static final long SEEDS = 1_000_000_000;

    final int records;
    final long seed;
    /** Of the program, in MB. */
    final int heap;
    /** Null for target/bench. */
    final Path data;
    final boolean keeps;

    /** @throws Misuse if the arguments are not as {@link #USAGE} says */
    FuzzOptions(String[] arguments) {
        Arguments given = new Arguments(arguments, WITH_VALUE, Set.of("--keep"));
        records = (int) given.whole("--records", 1_000_000, 1, 10_000_000);
        seed = given.whole("--seed", ThreadLocalRandom.current().nextLong(SEEDS), 0, SEEDS - 1);
        heap = (int) given.whole("--heap", 512, 64, 1_000_000);
        data = given.has("--data") ? Path.of(given.text("--data")).toAbsolutePath() : null;
        keeps = given.has("--keep");
    }
}
