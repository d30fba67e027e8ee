package sensorpipeline.health;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * A health check that looks every two seconds on a thread of its own, so that asking costs nothing and never hangs,
 * whatever hangs behind it. Safe for use by many threads.
 */
public abstract class SampledHealthCheck extends AbstractHealthCheck {

    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration STALE = Duration.ofSeconds(12);

    private volatile Sample newest;

    /**
     * What a look found.
     *
     * @param problem what is wrong, in one line; null if nothing is
     * @param details figures to show beside it
     * @param nanoTime when it looked
     */
    private record Sample(String problem, Map<String, Object> details, long nanoTime) {
    }

    /** @param id name of the check in answers */
    protected SampledHealthCheck(String id) {
        super("sensor-pipeline", id);
    }

    /**
     * Looks once.
     *
     * @return figures to show
     * @throws Exception if it is not well; the message says what is wrong
     */
    protected abstract Map<String, Object> look() throws Exception;

    /** Looks from now on, on a thread of this executor, until that is shut down. */
    public void start(ScheduledExecutorService executor) {
        executor.scheduleWithFixedDelay(this::sample, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
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

    /** @return true if it is well; what {@code /health} says of it */
    public boolean isWell() {
        Sample sample = newest;
        return sample != null && sample.problem == null && System.nanoTime() - sample.nanoTime <= STALE.toNanos();
    }

    @Override
    public boolean isLiveness() {
        return false;
    }
}
