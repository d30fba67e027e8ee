package sensorpipeline.bench;

import java.util.Map;
import java.util.concurrent.ExecutionException;

/** The life of a bench's process: help, figures or an error, then the exit status. */
final class Benchmark {

    static final int SUCCEEDED = 0;
    static final int FAILED = 1;
    static final int MISUSED = 2;

    private Benchmark() {
    }

    /** Measures something. */
    interface Measurement {

        /**
         * @param resources closes what the measurement opens
         * @return the figures in the order in which they are printed
         * @throws Misuse if the command line is wrong
         * @throws Failure if the run cannot go on
         */
        Map<String, Object> measure(String[] arguments, Resources resources) throws Exception;
    }

    /**
     * Prints the usage if that is asked for, else measures, cleans up and prints the figures.
     *
     * @return the exit status; {@link #FAILED} also if a figure named "exact" is false
     */
    static int run(String usage, String[] arguments, Resources resources, Measurement measurement) {
        if (Arguments.askForHelp(arguments)) {
            System.out.print(usage);
            return SUCCEEDED;
        }
        try {
            Map<String, Object> figures = measurement.measure(arguments, resources);
            resources.close();
            Output.print(figures);
            return Boolean.FALSE.equals(figures.get("exact")) ? FAILED : SUCCEEDED;
        } catch (Misuse e) {
            System.err.println(e.getMessage());
            return MISUSED;
        } catch (Exception e) {
            // After a Ctrl-C, errors from closed resources are expected.
            if (!resources.isClosed()) {
                Output.say("%s", e instanceof Failure ? e.getMessage() : "The run failed: " + (e instanceof ExecutionException ? e.getCause() : e));
            }
            return FAILED;
        } finally {
            resources.close();
        }
    }
}
