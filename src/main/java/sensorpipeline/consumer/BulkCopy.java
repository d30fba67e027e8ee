package sensorpipeline.consumer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import sensorpipeline.database.SqlFault;
import sensorpipeline.database.SqlFile;

/**
 * Writes new readings with PostgreSQL's binary COPY, the fastest way to load rows; camel-jdbc does not
 * support it. Thread-safe. The format is described in PostgreSQL's documentation of COPY, "Binary Format".
 */
public final class BulkCopy {

    private static final byte[] SIGNATURE = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0};
    private static final short COLUMNS = 6;
    private static final short END = -1;
    private static final int NULL = -1;
    private static final int FLOAT8_TYPE = 701;
    private static final byte JSONB_VERSION = 1;
    /** PostgreSQL's epoch is the year 2000, Java's is 1970. */
    private static final long YEAR_2000 = TimeUnit.DAYS.toMicros(10_957);
    private static final int CHUNK = 64 * 1024;
    /** Bytes of a row without its values and attributes. */
    private static final int ROW = 2 + COLUMNS * 4 + 4 + 8 + 8 + 8 + 20 + 1;

    private final DataSource database;
    private final Rollups rollups;
    private final String insertBatch = SqlFile.read("/sql/consumer/insert-batch.sql");
    private final String copyReadings = SqlFile.read("/sql/consumer/copy-readings.sql");
    private final String insertTotals = SqlFile.read("/sql/consumer/insert-totals.sql");
    private final String insertTotalsOfBatch = SqlFile.read("/sql/consumer/insert-totals-of-batch.sql");
    private final String countTexts = SqlFile.read("/sql/consumer/count-texts.sql");

    /**
     * @param database of the store
     * @param rollups hourly rollups that stored readings are added to
     */
    public BulkCopy(DataSource database, Rollups rollups) {
        this.database = database;
        this.rollups = rollups;
    }

    /**
     * Stores all readings of a batch, records the batch in the ledger and, if rollups are due and few, adds it and the
     * batches pending in memory to the hourly rollups, in one transaction. Due rollups of many rows are handed over once it is committed.
     *
     * @param batch of readings whose partitions exist
     * @throws SQLException if PostgreSQL rejects it; SQLSTATE 23505 if a reading is already stored, {@link
     *     sensorpipeline.database.SqlFault#OUTDATED_STATE} if its series have to be looked up again
     */
    public void copy(NumberedBatch batch) throws SQLException {
        HourRollups hours = rollups.take();
        hours.add(batch);
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                boolean areDue = rollups.areDueWithBatch(hours);
                boolean isRolledUp = areDue && rollups.markBatches(connection, hours);
                boolean canWait = !areDue && !hours.areTooMany();
                long batchId = insertBatch(connection, batch, isRolledUp, canWait);
                insertTotals(connection, copyRows(connection, batch, batchId), batchId);
                if (isRolledUp) {
                    rollups.add(connection, hours);
                } else if (!canWait) {
                    rollups.releaseBatches(connection, hours);
                }
                countTexts(connection, batch.withUnusualAttributes());
                connection.commit();
                if (canWait) {
                    hours.noteStored(batchId);
                    rollups.putBack(hours);
                }
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                if (SqlFault.isDuplicate(e)) {
                    release(connection, hours, e);
                }
                throw e;
            }
        }
    }

    /** Rollups that include a batch which was not stored are of no use; the other batches in them need not wait until they are missed. */
    private void release(Connection connection, HourRollups hours, Exception reason) {
        try {
            rollups.releaseBatches(connection, hours);
            connection.commit();
        } catch (SQLException e) {
            reason.addSuppressed(e);
        }
    }

    /**
     * Stores a batch and its rollups.
     *
     * @param connection in a transaction
     * @param batch of readings whose partitions exist
     */
    void store(Connection connection, NumberedBatch batch) throws SQLException {
        long batchId = insertBatch(connection, batch, true, false);
        insertTotals(connection, copyRows(connection, batch, batchId), batchId);
        HourRollups hours = new HourRollups(rows -> 0);
        hours.add(batch);
        rollups.add(connection, hours);
    }

    private long insertBatch(Connection connection, NumberedBatch batch, boolean isRolledUp, boolean isInMemory) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(insertBatch)) {
            statement.setString(1, batch.offsets());
            statement.setInt(2, batch.records());
            statement.setInt(3, batch.getSize());
            statement.setLong(4, batch.firstAt());
            statement.setLong(5, batch.lastAt());
            statement.setBoolean(6, isRolledUp);
            statement.setBoolean(7, isInMemory);
            statement.setLong(8, batch.origin().generation());
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    private void insertTotals(Connection connection, GroupTotals totals, long batchId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(totals.areTooMany() ? insertTotalsOfBatch : insertTotals)) {
            if (totals.areTooMany()) {
                statement.setLong(1, batchId);
            } else {
                statement.setObject(1, totals.metrics());
                statement.setObject(2, totals.figures());
            }
            statement.execute();
        }
    }

    private void countTexts(Connection connection, NumberedBatch batch) throws SQLException {
        if (batch.getSize() == 0) {
            return;
        }
        Map<String, Object> columns = batch.getColumns();
        try (PreparedStatement statement = connection.prepareStatement(countTexts)) {
            statement.setObject(1, columns.get("series_ids"));
            statement.setObject(2, columns.get("at"));
            statement.setObject(3, columns.get("received_at"));
            statement.setObject(4, columns.get("attributes"));
            statement.execute();
        }
    }

    /** @return the totals of the copied readings, added up here because each look at all of them costs time */
    private GroupTotals copyRows(Connection connection, NumberedBatch batch, long batchId) throws SQLException {
        GroupTotals totals = new GroupTotals();
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(copyReadings);
        try {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK).put(SIGNATURE).putInt(0).putInt(0);
            for (NumberedReading reading : batch.readings()) {
                Content content = reading.content();
                byte[] attributes = content.attributes() == null ? null : content.attributes().getBytes(StandardCharsets.UTF_8);
                int size = ROW + content.width() * 12 + (attributes == null ? 0 : attributes.length);
                if (chunk.remaining() < size) {
                    send(copy, chunk);
                    chunk = size > CHUNK ? ByteBuffer.allocate(size) : chunk.clear();
                }
                putRow(chunk, batchId, reading, attributes);
                totals.add(reading);
            }
            if (chunk.remaining() < Short.BYTES) {
                send(copy, chunk);
                chunk.clear();
            }
            send(copy, chunk.putShort(END));
            copy.endCopy();
            return totals.orFewer(batch.readings());
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private static void send(CopyIn copy, ByteBuffer chunk) throws SQLException {
        copy.writeToCopy(chunk.array(), 0, chunk.position());
    }

    /** Appends one row, in the column order of copy-readings.sql. */
    private static void putRow(ByteBuffer to, long batchId, NumberedReading reading, byte[] attributes) {
        to.putShort(COLUMNS);
        to.putInt(Integer.BYTES).putInt(reading.series().number());
        to.putInt(Long.BYTES).putLong(batchId);
        to.putInt(Long.BYTES).putLong(reading.at() - YEAR_2000);
        to.putInt(Long.BYTES).putLong(reading.receivedAt() * 1000 - YEAR_2000);
        putValues(to, reading.content());
        if (attributes == null) {
            to.putInt(NULL);
        } else {
            to.putInt(1 + attributes.length).put(JSONB_VERSION).put(attributes);
        }
    }

    /** Appends an array: its size, the number of dimensions, whether it has nulls, the type of its elements, then length and lower bound of its one dimension. */
    private static void putValues(ByteBuffer to, Content content) {
        int width = content.width();
        int missing = width - content.count();
        to.putInt(20 + content.count() * 12 + missing * 4).putInt(1).putInt(missing == 0 ? 0 : 1).putInt(FLOAT8_TYPE).putInt(width).putInt(1);
        int position = 0;
        for (int i = 0; i < content.count(); i++, position++) {
            for (; position < content.position(i); position++) {
                to.putInt(NULL);
            }
            to.putInt(Double.BYTES).putDouble(content.value(i));
        }
    }
}
