package sensorpipeline.consumer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import sensorpipeline.database.SqlFile;

/**
 * Adds copied readings to the hourly rollups without reading them again: they are aggregated in memory and written once they
 * are few rows for their readings, or after a while: few rows with the batch that makes them due, many by {@link #write}, because
 * the readings behind that batch would wait for them. The ledger records in the same transaction which batches are rolled up.
 * So the memory can be lost at any time: the route roll-up-batches recomputes the rollups from the readings. Thread-safe.
 */
public final class Rollups {

    /** So many times as long as it takes to write them, rollups wait for more readings: writing then costs a tenth of the time. */
    private static final int WAIT = 10;
    /** In rounds: before other programs build the rollups from the readings. */
    private static final int MOST_ROUNDS = 15;
    /** Up to 50 MB each. If two do not suffice, consumers produce them faster than one thread writes them. */
    private static final int MOST_HANDED_OVER = 2;

    /** Of fewer rows, the statement itself takes most of the time. */
    private static final int MEASURED_ROWS = 1000;

    private final DataSource database;
    private final long round;
    /** What it took lately to write a row; about so much before the first. */
    private volatile double nanosecondsPerRow = 20_000;
    /** One for each consumer, because its next batch has the same series. */
    private final Map<Thread, HourRollups> waiting = new ConcurrentHashMap<>();
    /** Due ones of many rows, for {@link #write}. */
    private final BlockingQueue<HourRollups> handedOver = new ArrayBlockingQueue<>(MOST_HANDED_OVER);
    private final String addRollups = SqlFile.read("/sql/consumer/add-rollups.sql");
    private final String markBatches = SqlFile.read("/sql/consumer/mark-batches.sql");
    private final String releaseBatches = SqlFile.read("/sql/consumer/release-batches.sql");

    /**
     * @param database of the store
     * @param round time between two calls of {@link #write}, and the shortest time that rollups are pending if they are not few. Those pending for
     *     long enough also leave their thread with its next batch, because under load {@link #write} rarely finds them here
     */
    public Rollups(DataSource database, Duration round) {
        this.database = database;
        this.round = round.toNanos();
    }

    /** @return nanoseconds that so many rows should be pending, so that writing them costs little */
    long wait(int rows) {
        return (long) Math.min(MOST_ROUNDS * round, Math.max(round, WAIT * rows * nanosecondsPerRow));
    }

    /** @return this thread's pending rollups, or new ones; no other thread sees them until they are put back */
    HourRollups take() {
        HourRollups rollups = waiting.remove(Thread.currentThread());
        return rollups == null ? new HourRollups(this::wait) : rollups;
    }

    /** @return whether they are due and should be written with the batch: they have few rows, or {@link #write} has enough to do */
    boolean areDueWithBatch(HourRollups rollups) {
        return rollups.areDue() && (rollups.areFew() || handedOver.remainingCapacity() == 0);
    }

    /** @param rollups of this thread, all of whose batches are stored: if due, {@link #write} gets them; otherwise they wait for more batches */
    void putBack(HourRollups rollups) {
        // Another thread may have taken the place meanwhile; then they are written with the next batch.
        if (!rollups.areDue() || !handedOver.offer(rollups)) {
            waiting.put(Thread.currentThread(), rollups);
        }
    }

    /**
     * Marks the pending batches as rolled up, and locks them until the end of the transaction.
     *
     * @param connection in a transaction
     * @param rollups to be added in this transaction
     * @return false if one of them was rolled up elsewhere, a reading of one was completed meanwhile, or the database is another one; then none is
     *     marked, and these rollups must be dropped
     */
    boolean markBatches(Connection connection, HourRollups rollups) throws SQLException {
        long[] batches = rollups.batches();
        if (batches.length == 0) {
            return true;
        }
        try (PreparedStatement statement = connection.prepareStatement(markBatches)) {
            statement.setObject(1, batches);
            statement.setObject(2, batches);
            statement.setLong(3, rollups.generation());
            return statement.executeUpdate() == batches.length;
        }
    }

    /**
     * Hands pending batches over to the route roll-up-batches.
     *
     * @param connection in a transaction
     * @param rollups that are about to be dropped
     */
    void releaseBatches(Connection connection, HourRollups rollups) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(releaseBatches)) {
            statement.setObject(1, rollups.batches());
            statement.execute();
        }
    }

    /**
     * Adds rollups to the table.
     *
     * @param connection in a transaction that has marked their batches
     * @param rollups to be added
     */
    void add(Connection connection, HourRollups rollups) throws SQLException {
        long start = System.nanoTime();
        try (PreparedStatement statement = connection.prepareStatement(addRollups)) {
            rollups.fill(statement);
            statement.execute();
        }
        if (rollups.rows() >= MEASURED_ROWS) {
            nanosecondsPerRow = ((System.nanoTime() - start) / (double) rollups.rows() + nanosecondsPerRow) / 2;
        }
    }

    /**
     * Writes the rollups that were handed over, and all that have been pending for long enough, so that readings appear in the statistics
     * soon even at low load.
     *
     * @throws SQLException if PostgreSQL rejects them; they are later recomputed from the readings
     */
    public void write() throws SQLException {
        // Not those handed over meanwhile, because the route has more to do than this.
        for (int left = handedOver.size(); left > 0; left--) {
            HourRollups rollups = handedOver.poll();
            if (rollups != null) {
                write(rollups);
            }
        }
        for (Thread thread : List.copyOf(waiting.keySet())) {
            HourRollups rollups = waiting.remove(thread);
            if (rollups == null) {
                continue;
            }
            if (rollups.haveWaitedLongEnough()) {
                write(rollups);
            } else if (waiting.putIfAbsent(thread, rollups) != null) {
                // Meanwhile its thread has begun others.
                write(rollups);
            }
        }
    }

    private void write(HourRollups rollups) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                if (markBatches(connection, rollups)) {
                    add(connection, rollups);
                } else {
                    releaseBatches(connection, rollups);
                }
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    /** Drops all pending rollups: after an outage the database may be a restored one. */
    void forget() {
        waiting.clear();
        handedOver.clear();
    }
}
