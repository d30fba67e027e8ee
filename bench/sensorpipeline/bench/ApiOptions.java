package sensorpipeline.bench;

import java.util.Map;
import java.util.Set;

/** The command line of bench/api. Immutable. */
final class ApiOptions {

    static final String USAGE = """
            Usage: bench/api [option ...]

              --readings N         readings in the database before the measurement (1000000)
              --sensors N          sensors that the readings are of, 1 to 99999 (100)
              --seconds-between S  seconds between two readings of a sensor (5)
              --callers N          concurrent callers (8)
              --seconds S          duration of the measurement of each call (10)
              --ingest R           readings per second that as many simulated sensors send meanwhile (0)
              --export             also export all readings as CSV
              --hold               measure nothing: run on, with the dashboard, until Ctrl-C
            """;

    final long readings;
    final int sensors;
    final double secondsBetween;
    final int callers;
    final int seconds;
    /** Readings per second; 0 for none. */
    final int ingest;
    final boolean exports;
    final boolean holds;

    /** @throws Misuse if the command line is not as {@link #USAGE} says */
    ApiOptions(String[] arguments) {
        Arguments given = new Arguments(arguments,
                Set.of("--readings", "--sensors", "--seconds-between", "--callers", "--seconds", "--ingest"), Set.of("--export", "--hold"));
        // The numbers of sensors have five digits.
        sensors = (int) given.whole("--sensors", 100, 1, 99_999);
        readings = given.whole("--readings", 1_000_000, 1, 10_000_000_000L);
        secondsBetween = given.number("--seconds-between", 5, 0.001, 1e6);
        callers = (int) given.whole("--callers", 8, 1, 1000);
        seconds = (int) given.whole("--seconds", 10, 1, 86_400);
        ingest = (int) given.whole("--ingest", 0, 0, 10_000_000);
        exports = given.has("--export");
        holds = given.has("--hold");
        if (readings < sensors) {
            throw new Misuse("--readings must be at least the number of --sensors (%d); got '%d'".formatted(sensors, readings));
        }
    }

    /** Adds the options to the figures. */
    void describe(Map<String, Object> result) {
        result.put("readings", readings);
        result.put("sensors", sensors);
        result.put("seconds_between", secondsBetween == Math.rint(secondsBetween) ? (Number) (long) secondsBetween : (Number) secondsBetween);
        result.put("callers", callers);
        result.put("seconds", seconds);
        result.put("ingest", ingest);
        result.put("export", String.valueOf(exports));
        result.put("hold", String.valueOf(holds));
    }
}
