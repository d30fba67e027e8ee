package sensorpipeline.consumer;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.CamelContext;
import org.apache.camel.support.DefaultExchange;
import sensorpipeline.database.NamedParameters;
import sensorpipeline.database.SqlFault;
import sensorpipeline.database.SqlFile;
import sensorpipeline.reading.Reading;
import sensorpipeline.reading.ReadingParser;
import sensorpipeline.reading.RefusedReading;

/**
 * Decides whose fault it is that a reading cannot be stored: stores readings that are known to be good at the same time, with the
 * same statements, in a transaction that is rolled back. If that fails too, the database or this program is at fault. Thread-safe.
 */
public final class StoreProbe {

    /** Not those of a program that is stopping, such as an illegal state. */
    private static final List<Class<? extends RuntimeException>> COMPUTATION = List.of(ArithmeticException.class, ClassCastException.class, DateTimeException.class,
            IllegalArgumentException.class, IndexOutOfBoundsException.class, NegativeArraySizeException.class, NullPointerException.class);

    private final CamelContext camel;
    private final DataSource database;
    private final BulkCopy bulkCopy;
    private final String partitionWidth;
    private final ReadingParser parser = new ReadingParser();
    private final String numberSeries = SqlFile.read("/sql/consumer/number-series.sql");
    private final String makePartitions = SqlFile.read("/sql/consumer/make-partitions.sql");
    private final String mergeReadings = SqlFile.read("/sql/consumer/merge-readings.sql");
    private final String probeDeadLetters = SqlFile.read("/sql/consumer/probe-dead-letters.sql");

    /** Statements whose effect is undone. */
    private interface Trial {
        void run(Connection connection) throws SQLException, JsonProcessingException;
    }

    /**
     * @param camel of the routes
     * @param database of the store
     * @param bulkCopy stores a good reading
     * @param partitionWidth value of the setting {@code store.partition.width}
     */
    public StoreProbe(CamelContext camel, DataSource database, BulkCopy bulkCopy, String partitionWidth) {
        this.camel = camel;
        this.database = database;
        this.bulkCopy = bulkCopy;
        this.partitionWidth = partitionWidth;
    }

    /**
     * @param rejected a batch of one reading that could not be stored
     * @throws SQLException if good readings of the same time cannot be stored either; the batch must then be retried
     * @throws IllegalStateException if the program is stopping
     */
    public void check(ReadingBatch rejected) throws SQLException, RefusedReading, JsonProcessingException {
        if (camel.isStopping()) {
            throw new IllegalStateException("The program is stopping");
        }
        SeriesNumbers numbers = new SeriesNumbers(new Limits(Integer.MAX_VALUE, 1));
        // A tenant that nobody else is, so that no limit holds.
        String tenant = UUID.randomUUID().toString();
        ReadingBatch copied = goodReading(rejected, tenant, 0);
        ReadingBatch merged = goodReading(rejected, tenant, 1);
        List<SeriesNumbers.Row> unknown = numbers.number(copied);
        Map<String, Object> series = numbers.parameters(unknown);
        undo("PostgreSQL also rejects a reading that is known to be good: ", connection -> {
            numbers.remember(copied, unknown, run(connection, numberSeries, series));
            numbers.number(merged);
            run(connection, makePartitions, Map.of("hours", copied.getHours(), "partition_width", partitionWidth));
            bulkCopy.store(connection, copied.getNumbered());
            run(connection, mergeReadings, merged.getNumbered().getColumns());
        });
    }

    /** @throws SQLException if PostgreSQL rejects every dead letter, or is unreachable */
    public void checkDeadLetters() throws SQLException, JsonProcessingException {
        undo("PostgreSQL rejects every dead letter: ", connection -> run(connection, probeDeadLetters, Map.of()));
    }

    /**
     * @param failure of storing readings
     * @return true if one of them may be at fault: PostgreSQL rejects a value, or this program fails to compute with it
     */
    static boolean mayBeFaultOfData(Throwable failure) {
        if (causes(failure).anyMatch(SQLException.class::isInstance)) {
            return SqlFault.isFaultOfData(failure);
        }
        return causes(failure).anyMatch(cause -> COMPUTATION.stream().anyMatch(kind -> kind.isInstance(cause)));
    }

    /** @return the problem and its causes, the outermost first */
    static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause);
    }

    private ReadingBatch goodReading(ReadingBatch rejected, String tenant, int microseconds) throws RefusedReading {
        Instant time = Instant.EPOCH.plus(rejected.getReadings().get(0).at() + microseconds, ChronoUnit.MICROS);
        Reading reading = parser.parse(tenant, "{\"sensor_id\":\"probe\",\"probe\":0,\"timestamp\":\"%s\"}".formatted(time).getBytes(StandardCharsets.UTF_8), time);
        return rejected.with(reading);
    }

    private void undo(String problem, Trial trial) throws SQLException, JsonProcessingException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                trial.run(connection);
            } catch (SQLException e) {
                throw SqlFault.isFaultOfData(e) ? new SQLException(problem + e.getMessage(), e.getSQLState(), e) : e;
            } finally {
                connection.rollback();
            }
        }
    }

    /** @return the rows of a statement with named parameters, by the names of their columns */
    private List<Map<String, Object>> run(Connection connection, String sql, Map<String, Object> parameters) throws SQLException {
        try (PreparedStatement statement = NamedParameters.prepare(connection, new DefaultExchange(camel), sql, parameters)) {
            List<Map<String, Object>> rows = new ArrayList<>();
            if (statement.execute()) {
                try (ResultSet answer = statement.getResultSet()) {
                    while (answer.next()) {
                        Map<String, Object> row = new HashMap<>();
                        for (int column = 1; column <= answer.getMetaData().getColumnCount(); column++) {
                            row.put(answer.getMetaData().getColumnLabel(column), answer.getObject(column));
                        }
                        rows.add(row);
                    }
                }
            }
            return rows;
        }
    }
}
