package sensorpipeline.consumer;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import sensorpipeline.database.SqlFault;
import sensorpipeline.database.SqlFile;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.ReadingParser;
import sensorpipeline.reading.RefusedReading;

/**
 * Decides whose fault it is that a reading cannot be stored: stores a reading that is known to be good in its place, by the same
 * code, in a transaction that is rolled back. If that fails too, the database or this program is at fault. Thread-safe.
 */
public final class StoreProbe {

    /** Not those of a program that is stopping, such as an illegal state. */
    private static final List<Class<? extends RuntimeException>> COMPUTATION = List.of(ArithmeticException.class, ClassCastException.class, DateTimeException.class,
            IllegalArgumentException.class, IndexOutOfBoundsException.class, NegativeArraySizeException.class, NullPointerException.class);
    private static final String TENANT = "probe";
    /** No series has it: ids begin at 1. */
    private static final int SERIES_ID = -1;

    private final DataSource database;
    private final BulkCopy bulkCopy;
    private final String partitionWidth;
    private final ReadingParser parser = new ReadingParser();
    private final String prepareProbe = SqlFile.read("/sql/consumer/prepare-probe.sql");
    private final String probeDeadLetters = SqlFile.read("/sql/consumer/probe-dead-letters.sql");

    /**
     * @param database of the store
     * @param bulkCopy stores the good reading
     * @param partitionWidth value of the setting {@code store.partition.width}
     */
    public StoreProbe(DataSource database, BulkCopy bulkCopy, String partitionWidth) {
        this.database = database;
        this.bulkCopy = bulkCopy;
        this.partitionWidth = partitionWidth;
    }

    /**
     * @param rejected a batch of one reading that could not be stored
     * @throws SQLException if PostgreSQL rejects a good reading of the same time as well, or is unreachable; the batch must then be retried
     */
    public void check(ReadingBatch rejected) throws SQLException, RefusedReading {
        long at = rejected.getReadings().get(0).at();
        ReadingBatch batch = new ReadingBatch(rejected.records(), List.of(goodReading(at)), new ArrayList<>());
        batch.series().add(new NumberedSeries(SERIES_ID, Long.MIN_VALUE));
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                prepare(connection, at);
                bulkCopy.store(connection, batch.split().newer());
            } catch (SQLException e) {
                throw new SQLException("PostgreSQL rejects a reading that is known to be good as well: " + e.getMessage(), e.getSQLState(), e);
            } finally {
                connection.rollback();
            }
        }
    }

    /** @throws SQLException if PostgreSQL rejects any dead letter, or is unreachable */
    public void checkDeadLetters() throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(probeDeadLetters)) {
                statement.execute();
            } catch (SQLException e) {
                throw new SQLException("PostgreSQL rejects any dead letter: " + e.getMessage(), e.getSQLState(), e);
            } finally {
                connection.rollback();
            }
        }
    }

    /**
     * @param failure of storing readings
     * @return true if one of them may be at fault: PostgreSQL rejects a value, or this program fails to compute with it
     */
    static boolean mayBeFaultOfData(Throwable failure) {
        return SqlFault.isFaultOfData(failure) || COMPUTATION.stream().anyMatch(kind -> kind.isInstance(failure));
    }

    private Reading goodReading(long at) throws RefusedReading {
        Instant time = Instant.EPOCH.plus(at, ChronoUnit.MICROS);
        return parser.parse(TENANT, "{\"sensor_id\":\"probe\",\"probe\":0,\"timestamp\":\"%s\"}".formatted(time).getBytes(StandardCharsets.UTF_8), time);
    }

    private void prepare(Connection connection, long at) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(prepareProbe)) {
            statement.setString(1, TENANT);
            statement.setInt(2, SERIES_ID);
            statement.setLong(3, at);
            statement.setString(4, partitionWidth);
            statement.execute();
        }
    }
}
