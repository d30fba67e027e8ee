package sensorpipeline.consumer;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.spi.ExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.kafka.PolledRecords;

/**
 * The time in which batches cannot be stored: told in the log when it begins, once a minute, and when it is over. Safe for
 * use by many threads.
 */
public final class Outage implements ExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
    private static final long REPORT_INTERVAL = Duration.ofMinutes(1).toNanos();

    private final SeriesNumbers seriesNumbers;
    private final Rollups rollups;
    private final HikariDataSource database;
    private volatile boolean isGoingOn;
    private long began;
    private long reported;
    private int tries;

    /**
     * @param seriesNumbers forgotten when a batch was not stored, because another database may come back
     * @param rollups those that wait are forgotten as well, for the same reason
     * @param database whose connections are then made anew, because what is wrong may be theirs alone: a session that
     *     began while the database was read-only stays so
     */
    public Outage(SeriesNumbers seriesNumbers, Rollups rollups, HikariDataSource database) {
        this.seriesNumbers = seriesNumbers;
        this.rollups = rollups;
        this.database = database;
    }

    /** Called with each batch that was not stored; it is delivered again. */
    @Override
    public synchronized void handleException(String message, Exchange exchange, Throwable cause) {
        long now = System.nanoTime();
        forget();
        if (database.getHikariPoolMXBean() != null) {
            database.getHikariPoolMXBean().softEvictConnections();
        }
        tries++;
        if (!isGoingOn) {
            isGoingOn = true;
            began = now;
            reported = now;
            LOG.warn("Readings cannot be stored at present; they wait in Kafka and are tried again: {}", describe(cause));
        } else if (now - reported >= REPORT_INTERVAL) {
            reported = now;
            LOG.warn("Readings could not be stored for {} s; tried {} times: {}", seconds(now - began), tries, describe(cause));
        }
        LOG.debug("A batch was not stored", cause);
    }

    /** Forgets what it knows of the database: also where no batch comes while it is away, another one may come back. */
    public void forget() {
        seriesNumbers.forget();
        rollups.forget();
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
     * The last step of a batch: all of it is safe.
     *
     * @param polled what Kafka delivered; its offsets are committed
     */
    public void commit(PolledRecords polled) {
        polled.commit();
        if (isGoingOn) {
            end();
        }
    }

    private synchronized void end() {
        if (isGoingOn) {
            isGoingOn = false;
            tries = 0;
            LOG.info("Readings are stored again, after {} s", seconds(System.nanoTime() - began));
        }
    }

    private static long seconds(long nanos) {
        return TimeUnit.NANOSECONDS.toSeconds(nanos);
    }

    private static String describe(Throwable cause) {
        Throwable shown = cause;
        // The innermost says what happened, but for PostgreSQL's own, below which is the socket.
        while (shown.getCause() != null && !(shown instanceof SQLException e && e.getSQLState() != null)) {
            shown = shown.getCause();
        }
        String message = shown.getMessage() == null ? shown.getClass().getSimpleName() : shown.getMessage();
        return message.lines().findFirst().orElse("");
    }
}
