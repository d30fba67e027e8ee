package sensorpipeline.bench;

import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The command line of bench/api. Immutable. */
final class ApiOptions {

    static final String USAGE = """
            Usage: bench/api [option ...]

              --readings N         readings in the database before the measurement (1000000)
              --sensors N          sensors that the readings are of (100)
              --seconds-between S  seconds between two readings of a sensor (5)
              --years Y            instead: spread the readings over so many years
              --partitions N       instead: spread the readings over so many hours, with a partition for each
              --idle-days D        days since the last reading (0)
              --callers N          concurrent callers (8)
              --seconds S          duration of the measurement of each call (10)
              --ingest R           readings per second that as many simulated sensors send meanwhile (0)
              --remember           let the program give answers again while nothing has changed
              --export             also export all readings as CSV
              --hold               measure nothing: run on, with the dashboard, until Ctrl-C
            """;

    private static final String SECONDS = "--seconds-between";
    private static final String YEARS = "--years";
    private static final String PARTITIONS = "--partitions";
    private static final double HOURS_OF_A_YEAR = 365.25 * 24;
    private static final double SECONDS_OF_AN_HOUR = 3600;

    final long readings;
    final int sensors;
    final double secondsBetween;
    /** Whether each hour has its own partition, as under load. */
    final boolean hourly;
    final double idleDays;
    final int callers;
    final int seconds;
    /** Readings per second; 0 for none. */
    final int ingest;
    final boolean remembers;
    final boolean exports;
    final boolean holds;

    /** @throws Misuse if the command line is not as {@link #USAGE} says */
    ApiOptions(String[] arguments) {
        Arguments given = new Arguments(arguments, Set.of("--readings", "--sensors", SECONDS, YEARS, PARTITIONS, "--idle-days", "--callers", "--seconds", "--ingest"),
                Set.of("--remember", "--export", "--hold"));
        sensors = (int) given.whole("--sensors", 100, 1, 999_999);
        readings = given.whole("--readings", 1_000_000, 1, 10_000_000_000L);
        if (readings < sensors) {
            throw new Misuse("--readings must be at least the number of --sensors (%d); got '%d'".formatted(sensors, readings));
        }
        if (Stream.of(SECONDS, YEARS, PARTITIONS).filter(given::has).count() > 1) {
            throw new Misuse("Give one of %s, %s and %s".formatted(SECONDS, YEARS, PARTITIONS));
        }
        hourly = given.has(PARTITIONS);
        secondsBetween = secondsBetween(given, readings / sensors);
        idleDays = given.number("--idle-days", 0, 0, 20_000);
        callers = (int) given.whole("--callers", 8, 1, 1000);
        seconds = (int) given.whole("--seconds", 10, 1, 86_400);
        ingest = (int) given.whole("--ingest", 0, 0, 10_000_000);
        remembers = given.has("--remember");
        exports = given.has("--export");
        holds = given.has("--hold");
    }

    /** @param rounds readings of each sensor */
    private static double secondsBetween(Arguments given, long rounds) {
        double hours = given.has(YEARS) ? given.number(YEARS, 0, 0.001, 20) * HOURS_OF_A_YEAR : given.whole(PARTITIONS, 0, 1, 20_000);
        return hours > 0 ? hours * SECONDS_OF_AN_HOUR / rounds : given.number(SECONDS, 5, 0.001, 1e6);
    }

    /** Adds the options to the figures. */
    void describe(Map<String, Object> result) {
        result.put("readings", readings);
        result.put("sensors", sensors);
        result.put("seconds_between", Output.rounded(secondsBetween, 3));
        result.put("partitions", hourly ? "hourly" : "usual");
        result.put("idle_days", idleDays);
        result.put("callers", callers);
        result.put("seconds", seconds);
        result.put("ingest", ingest);
        result.put("remember", String.valueOf(remembers));
        result.put("export", String.valueOf(exports));
        result.put("hold", String.valueOf(holds));
    }
}
