package sensorpipeline.consumer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import sensorpipeline.database.SqlFile;

/**
 * Adds what this program copies to the statistics by hour, without reading it again: it adds up in memory, and is written
 * once it is few rows beside the readings, or after a while. The ledger tells which batches are in the statistics, in the
 * same transaction. So what is in memory can be lost at any moment: the route roll-up-batches makes it anew from the
 * readings. Safe for use by many threads.
 */
public final class Rollups {

    private final DataSource database;
    private final long longestWait;
    /** Each consumer has its own, because it has the same series in its next batch. */
    private final Map<Thread, HourRollups> waiting = new ConcurrentHashMap<>();
    private final String addRollups = SqlFile.read("/sql/consumer/add-rollups.sql");
    private final String markBatches = SqlFile.read("/sql/consumer/mark-batches.sql");
    private final String releaseBatches = SqlFile.read("/sql/consumer/release-batches.sql");

    /**
     * @param database of the store
     * @param round time between two calls of {@link #write}; what waited so long is written with the next batch, too, because under load
     *        they are seldom there to be written by that call
     */
    public Rollups(DataSource database, Duration round) {
        this.database = database;
        longestWait = round.toNanos();
    }

    /** @return those of this thread that wait, or new ones; nobody else has them until they are put back */
    HourRollups take() {
        HourRollups rollups = waiting.remove(Thread.currentThread());
        return rollups == null ? new HourRollups(longestWait) : rollups;
    }

    /** @param rollups of this thread that shall wait for more batches */
    void putBack(HourRollups rollups) {
        waiting.put(Thread.currentThread(), rollups);
    }

    /**
     * Marks the batches that waited as rolled up, and holds them until the end of the transaction.
     *
     * @param connection in a transaction
     * @param rollups to be added in this transaction
     * @return false, and none is marked, if one of them was rolled up by another; then these rollups are to be dropped
     */
    boolean markBatches(Connection connection, HourRollups rollups) throws SQLException {
        int[] batches = rollups.batches();
        if (batches.length == 0) {
            return true;
        }
        try (PreparedStatement statement = connection.prepareStatement(markBatches)) {
            statement.setObject(1, batches);
            statement.setObject(2, batches);
            return statement.executeUpdate() == batches.length;
        }
    }

    /**
     * Leaves batches that waited to the route roll-up-batches.
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
        try (PreparedStatement statement = connection.prepareStatement(addRollups)) {
            rollups.fill(statement);
            statement.execute();
        }
    }

    /**
     * Writes all rollups that wait, so that the readings of a quiet time are in the statistics soon as well.
     *
     * @throws SQLException if PostgreSQL does not take them; they are then made anew from the readings, later
     */
    public void write() throws SQLException {
        for (Thread thread : List.copyOf(waiting.keySet())) {
            HourRollups rollups = waiting.remove(thread);
            if (rollups != null) {
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
                }
                connection.commit();
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    /** Forgets what waits: after an outage the database may be another, restored one. */
    void forget() {
        waiting.clear();
    }
}
