package sensorpipeline.consumer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import sensorpipeline.database.SqlFile;
import sensorpipeline.kafka.PolledRecords;
import sensorpipeline.reading.Reading;

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
    private static final int ROW = 2 + COLUMNS * 4 + 4 + 4 + 8 + 8 + 20 + 1;

    private final DataSource database;
    private final Rollups rollups;
    private final String insertBatch = SqlFile.read("/sql/consumer/insert-batch.sql");
    private final String copyReadings = SqlFile.read("/sql/consumer/copy-readings.sql");

    /**
     * @param database of the store
     * @param rollups hourly rollups that stored readings are added to
     */
    public BulkCopy(DataSource database, Rollups rollups) {
        this.database = database;
        this.rollups = rollups;
    }

    /**
     * Stores all readings of a batch, records the batch in the ledger and, if rollups are due, adds it and the
     * batches pending in memory to the hourly rollups, in one transaction.
     *
     * @param batch with numbered readings whose partitions exist
     * @throws SQLException if PostgreSQL rejects it; SQLSTATE 23505 if a reading is already stored
     */
    public void copy(ReadingBatch batch) throws SQLException {
        HourRollups hours = rollups.take();
        int[] places = bySeries(batch);
        hours.add(batch, places);
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                boolean areDue = hours.areDue();
                boolean isRolledUp = areDue && rollups.markBatches(connection, hours);
                boolean canWait = !areDue && !hours.areTooMany();
                int batchId = insertBatch(connection, batch, isRolledUp, canWait);
                copyRows(connection, batch, places, batchId);
                if (isRolledUp) {
                    rollups.add(connection, hours);
                } else if (hours.areTooMany()) {
                    rollups.releaseBatches(connection, hours);
                }
                connection.commit();
                if (canWait) {
                    hours.noteStored(batchId);
                    rollups.putBack(hours);
                }
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    /**
     * Stores a batch and its rollups.
     *
     * @param connection in a transaction
     * @param batch with numbered readings whose partitions exist
     */
    void store(Connection connection, ReadingBatch batch) throws SQLException {
        int[] places = bySeries(batch);
        copyRows(connection, batch, places, insertBatch(connection, batch, true, false));
        HourRollups hours = new HourRollups(0);
        hours.add(batch, places);
        rollups.add(connection, hours);
    }

    private int insertBatch(Connection connection, ReadingBatch batch, boolean isRolledUp, boolean isInMemory) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(insertBatch)) {
            statement.setString(1, batch.offsets());
            statement.setInt(2, batch.getSize());
            statement.setLong(3, batch.firstAt());
            statement.setLong(4, batch.lastAt());
            statement.setBoolean(5, isRolledUp);
            statement.setBoolean(6, isInMemory);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    private void copyRows(Connection connection, ReadingBatch batch, int[] places, int batchId) throws SQLException {
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(copyReadings);
        try {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK).put(SIGNATURE).putInt(0).putInt(0);
            for (int i : places) {
                Reading reading = batch.getReadings().get(i);
                byte[] attributes = reading.attributes() == null ? null : reading.attributes().getBytes(StandardCharsets.UTF_8);
                int size = ROW + reading.values().length * 12 + (attributes == null ? 0 : attributes.length);
                if (chunk.remaining() < size) {
                    send(copy, chunk);
                    chunk = size > CHUNK ? ByteBuffer.allocate(size) : chunk.clear();
                }
                putRow(chunk, batch.series().get(i).number(), batchId, PolledRecords.receivedAt(batch.records().get(i)), reading, attributes);
            }
            if (chunk.remaining() < Short.BYTES) {
                send(copy, chunk);
                chunk.clear();
            }
            send(copy, chunk.putShort(END));
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    /** @return the indexes of the readings, series by series: in key order, the pages of the table's index are cached far more often */
    private static int[] bySeries(ReadingBatch batch) {
        long[] keys = new long[batch.getSize()];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (long) batch.series().get(i).number() << 32 | i;
        }
        Arrays.sort(keys);
        return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    }

    private static void send(CopyIn copy, ByteBuffer chunk) throws SQLException {
        copy.writeToCopy(chunk.array(), 0, chunk.position());
    }

    /** Appends one row, in the column order of copy-readings.sql. */
    private static void putRow(ByteBuffer to, int seriesId, int batchId, long receivedMillis, Reading reading, byte[] attributes) {
        to.putShort(COLUMNS);
        to.putInt(Integer.BYTES).putInt(seriesId);
        to.putInt(Integer.BYTES).putInt(batchId);
        to.putInt(Long.BYTES).putLong(reading.at() - YEAR_2000);
        to.putInt(Long.BYTES).putLong(receivedMillis * 1000 - YEAR_2000);
        double[] values = reading.values();
        // An array: number of dimensions, null flag, element type, then length and lower bound of its one dimension.
        to.putInt(20 + values.length * 12).putInt(1).putInt(0).putInt(FLOAT8_TYPE).putInt(values.length).putInt(1);
        for (double value : values) {
            to.putInt(Double.BYTES).putDouble(value);
        }
        if (attributes == null) {
            to.putInt(NULL);
        } else {
            to.putInt(1 + attributes.length).put(JSONB_VERSION).put(attributes);
        }
    }
}
