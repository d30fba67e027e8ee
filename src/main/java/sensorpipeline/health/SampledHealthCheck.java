package sensorpipeline.health;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * A health check that runs every two seconds on its own thread, so that reading its result costs nothing and never
 * blocks, even if the checked system hangs. Until it succeeds for the first time, it runs more often, because parts of
 * the program start one after the other. Thread-safe.
 */
public abstract class SampledHealthCheck extends AbstractHealthCheck {

    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration START_INTERVAL = Duration.ofMillis(200);
    private static final Duration STALE = Duration.ofSeconds(12);

    private volatile Sample newest;

    /**
     * Result of a check.
     *
     * @param problem what is wrong, in one line; null if nothing is
     * @param details figures to report
     * @param nanoTime when it was taken
     */
    private record Sample(String problem, Map<String, Object> details, long nanoTime) {
    }

    /** @param id name of the check in responses */
    protected SampledHealthCheck(String id) {
        super("sensor-pipeline", id);
    }

    /**
     * Checks once.
     *
     * @return figures to report
     * @throws Exception if unhealthy; the message says what is wrong
     */
    protected abstract Map<String, Object> look() throws Exception;

    /** Starts checking, on a thread of this executor, until the executor is shut down. */
    public void start(ScheduledExecutorService executor) {
        executor.execute(() -> sampleAgainAndAgain(executor, START_INTERVAL));
    }

    private void sampleAgainAndAgain(ScheduledExecutorService executor, Duration intervalBefore) {
        sample();
        Duration interval = newest.problem == null ? INTERVAL : intervalBefore;
        executor.schedule(() -> sampleAgainAndAgain(executor, interval), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void sample() {
        try {
            newest = new Sample(null, look(), System.nanoTime());
        } catch (Exception e) {
            newest = new Sample(firstLine(e), Map.of(), System.nanoTime());
        }
    }

    private static String firstLine(Throwable e) {
        String message = e.getMessage() == null && e.getCause() != null ? e.getCause().getMessage() : e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message.lines().findFirst().orElse("");
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        Sample sample = newest;
        if (sample == null) {
            builder.down().message("starting");
            return;
        }
        long age = System.nanoTime() - sample.nanoTime;
        if (age > STALE.toNanos()) {
            builder.down().message("no answer for " + TimeUnit.NANOSECONDS.toSeconds(age) + " s");
        } else if (sample.problem != null) {
            builder.down().message(sample.problem);
        } else {
            builder.up();
        }
        builder.details(sample.details);
    }

    /** @return true if healthy, as reported by {@code /health} */
    public boolean isWell() {
        Sample sample = newest;
        return sample != null && sample.problem == null && System.nanoTime() - sample.nanoTime <= STALE.toNanos();
    }

    @Override
    public boolean isLiveness() {
        return false;
    }
}
