package sensorpipeline.api;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.component.jdbc.JdbcConstants;
import sensorpipeline.database.NamedParameters;
import sensorpipeline.database.SqlFault;

/** Deletes rows in small transactions, so that nothing waits for long. Thread-safe. */
public final class Deletion {

    private static final String CURSOR = "cursor";
    private static final String NEXT = "next";

    private final DataSource database;
    private final Duration limit;

    /**
     * @param database connections with the rights of the caller
     * @param limit time after which it stops
     */
    Deletion(DataSource database, Duration limit) {
        this.database = database;
        this.limit = limit;
    }

    /**
     * Deletes until nothing is left to delete or the time is up; where it cannot get a lock, it stops after what it has deleted.
     *
     * @param exchange with a statement as its body, and its parameters, of which it gets "cursor" and "milliseconds", the time that is left. It deletes some rows, and answers
     *     with numbers of rows and "next", the cursor of those after them, or null
     * @return JSON with the sums of these numbers, and "next", the cursor to go on from, or null at the end
     */
    @SuppressWarnings("unchecked")
    public String delete(Exchange exchange) throws SQLException {
        String statement = exchange.getMessage().getBody(String.class);
        Map<String, Object> parameters = new HashMap<>(exchange.getMessage().getHeader(JdbcConstants.JDBC_PARAMETERS, Map.class));
        Map<String, Long> sums = new LinkedHashMap<>();
        long end = System.nanoTime() + limit.toNanos();
        do {
            parameters.put("milliseconds", Math.max(0, (int) Duration.ofNanos(end - System.nanoTime()).toMillis()));
            try {
                deleteSome(exchange, statement, parameters, sums);
            } catch (SQLException e) {
                if (sums.isEmpty() || SqlFault.of(e) != SqlFault.BUSY) {
                    throw e;
                }
                break;
            }
        } while (parameters.get(CURSOR) != null && System.nanoTime() < end);
        String numbers = sums.entrySet().stream().map(sum -> "\"%s\":%d,".formatted(sum.getKey(), sum.getValue())).collect(Collectors.joining());
        Object next = parameters.get(CURSOR);
        return "{\"status\":\"success\"," + numbers + "\"next\":" + (next == null ? "null" : "\"" + next + "\"") + "}";
    }

    private void deleteSome(Exchange exchange, String sql, Map<String, Object> parameters, Map<String, Long> sums) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = NamedParameters.prepare(connection, exchange, sql, parameters); ResultSet row = statement.executeQuery()) {
            row.next();
            Map<String, Long> numbers = new LinkedHashMap<>();
            for (int column = 1; column <= row.getMetaData().getColumnCount(); column++) {
                String name = row.getMetaData().getColumnLabel(column);
                if (!name.equals(NEXT)) {
                    numbers.put(name, row.getLong(column));
                }
            }
            String next = row.getString(NEXT);
            connection.commit();
            numbers.forEach((name, number) -> sums.merge(name, number, Long::sum));
            parameters.put(CURSOR, next);
        }
    }
}
