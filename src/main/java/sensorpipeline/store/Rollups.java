package sensorpipeline.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.sql.DataSource;

/**
 * Adds what this program stores to the statistics by hour, without reading it again: it adds up in memory, and is written
 * once it is few rows beside the readings. The ledger tells which batches are in the statistics, in the same transaction.
 * So what is in memory can be lost at any moment: the route roll-up-batches makes it anew from the readings. Safe for use by many threads.
 */
public final class Rollups {

    private final DataSource database;
    /** One for each consumer that stored a batch since, at most. */
    private final Queue<HourRollups> waiting = new ConcurrentLinkedQueue<>();
    private final String addRollups = statement("/sql/add-rollups.sql");
    private final String markBatches = statement("/sql/mark-batches.sql");

    /** @param database of the store */
    public Rollups(DataSource database) {
        this.database = database;
    }

    /** @return the statement in a file */
    static String statement(String path) {
        try (InputStream file = Rollups.class.getResourceAsStream(path)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return some that wait, or new ones; the caller's own until it puts them back */
    HourRollups take() {
        HourRollups rollups = waiting.poll();
        return rollups == null ? new HourRollups() : rollups;
    }

    /**
     * Lets rollups wait for more batches.
     *
     * @param batchId the last batch in them, as it was stored
     */
    void putBack(HourRollups rollups, int batchId) {
        rollups.await(batchId);
        waiting.add(rollups);
    }

    /**
     * Marks the batches that waited as rolled up, and holds them until the end of the transaction.
     *
     * @return false, and none is marked, if one of them was rolled up by another; then these rollups are to be dropped
     */
    boolean markBatches(Connection connection, HourRollups rollups) throws SQLException {
        int[] batches = rollups.batches();
        try (PreparedStatement statement = connection.prepareStatement(markBatches)) {
            statement.setObject(1, batches);
            statement.setObject(2, batches);
            return statement.executeUpdate() == batches.length;
        }
    }

    /** Adds rollups to the table. */
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
        for (HourRollups rollups = waiting.poll(); rollups != null; rollups = waiting.poll()) {
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
    }

    /** Forgets what waits: after an outage the database may be another, restored one. */
    void forget() {
        waiting.clear();
    }
}
