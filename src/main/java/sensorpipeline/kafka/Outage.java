package sensorpipeline.kafka;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.spi.ExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs that batches of a consumer fail: the first failure, then once a minute, and when a batch succeeds again. It is
 * the exception handler of a route that reads from a {@link BatchConsumer}. Thread-safe.
 */
public final class Outage implements ExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
    private static final long REPORT_INTERVAL = Duration.ofMinutes(1).toNanos();

    private final String work;
    private final Consumer<Throwable> onFailure;
    private final Set<Failure> failing = ConcurrentHashMap.newKeySet();
    private volatile boolean isGoingOn;
    private volatile String reason;
    private long began;
    private long reported;
    private int attempts;

    private record Failure(Object consumer, String topic) {
    }

    /**
     * @param work what fails, to follow "Cannot", such as "store readings"
     * @param onFailure called with the cause of each failure, before the batch is redelivered
     */
    public Outage(String work, Consumer<Throwable> onFailure) {
        this.work = work;
        this.onFailure = onFailure;
    }

    /** Called for each failed batch, which is then redelivered. */
    @Override
    public synchronized void handleException(String message, Exchange exchange, Throwable cause) {
        long now = System.nanoTime();
        onFailure.accept(cause);
        LOG.debug("A batch failed", cause);
        if (exchange != null && exchange.getContext().isStopping()) {
            // The stop interrupted it; the next start continues with it.
            return;
        }
        attempts++;
        reason = describe(cause);
        if (!isGoingOn) {
            isGoingOn = true;
            began = now;
            reported = now;
            LOG.warn("Cannot {}; the records wait in Kafka and are retried: {}", work, reason);
        } else if (now - reported >= REPORT_INTERVAL) {
            reported = now;
            LOG.warn("Cannot {} for {} s; tried {} times: {}", work, seconds(now - began), attempts, reason);
        }
    }

    @Override
    public void handleException(String message, Throwable exception) {
        handleException(message, null, exception);
    }

    @Override
    public void handleException(Throwable exception) {
        handleException(null, null, exception);
    }

    /**
     * @param consumer whose batch failed
     * @param topics of the batch: the outage lasts until a batch of each has succeeded in this consumer
     */
    void began(Object consumer, Set<String> topics) {
        topics.forEach(topic -> failing.add(new Failure(consumer, topic)));
    }

    /**
     * Ends an outage, if there is one and nothing else fails.
     *
     * @param consumer whose batch succeeded
     * @param topics of the batch
     */
    void over(Object consumer, Set<String> topics) {
        if (isGoingOn) {
            topics.forEach(topic -> failing.remove(new Failure(consumer, topic)));
            if (failing.isEmpty()) {
                end();
            }
        }
    }

    private synchronized void end() {
        if (isGoingOn) {
            isGoingOn = false;
            reason = null;
            attempts = 0;
            LOG.info("Can {} again, after {} s", work, seconds(System.nanoTime() - began));
        }
    }

    /** @return why the last batch failed, in one line, or null if there is no outage */
    public String reason() {
        return reason;
    }

    private static long seconds(long nanos) {
        return TimeUnit.NANOSECONDS.toSeconds(nanos);
    }

    /** The root cause, except for SQL errors, whose cause is just the socket. */
    private static String describe(Throwable cause) {
        Throwable shown = cause;
        while (shown.getCause() != null && !(shown instanceof SQLException e && e.getSQLState() != null)) {
            shown = shown.getCause();
        }
        String message = shown.getMessage() == null ? shown.getClass().getSimpleName() : shown.getMessage();
        return message.lines().findFirst().orElse("");
    }
}
