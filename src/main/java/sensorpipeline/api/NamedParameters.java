package sensorpipeline.api;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Iterator;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.jdbc.DefaultJdbcPrepareStatementStrategy;
import org.apache.camel.component.jdbc.JdbcConstants;

/**
 * Named parameters ({@code :?name}) of the REST API's statements, for Camel's jdbc: component and for responses that are
 * written row by row. Values are sent as text without a type, which PostgreSQL infers from the statement. So a statement has
 * the same types whatever its caller gives, and a connection parses and plans it once: pgjdbc prepares it anew whenever a type
 * differs, also from the description that Camel asks for. Thread-safe.
 */
public final class NamedParameters extends DefaultJdbcPrepareStatementStrategy {

    @Override
    public void populateStatement(PreparedStatement statement, Iterator<?> values, int count) throws SQLException {
        // Forgets the types that PostgreSQL inferred when Camel asked for the number of parameters.
        statement.clearParameters();
        for (int index = 1; index <= count; index++) {
            statement.setObject(index, text(statement, values.next()), Types.OTHER);
        }
    }

    private static String text(PreparedStatement statement, Object value) throws SQLException {
        if (value instanceof Object[] array) {
            return statement.getConnection().createArrayOf(array instanceof String[] ? "text" : "bigint", array).toString();
        }
        return value == null ? null : value.toString();
    }

    /**
     * @param connection to run it on
     * @param exchange of the request
     * @param sql with parameters as {@code :?name}
     * @param parameters their values, which Camel's header is set to
     * @return the statement with its parameters set, to be closed by the caller
     */
    static PreparedStatement prepare(Connection connection, Exchange exchange, String sql, Map<String, Object> parameters) throws SQLException {
        NamedParameters names = new NamedParameters();
        String prepared = names.prepareQuery(sql, true);
        int count = (int) prepared.chars().filter(c -> c == '?').count();
        exchange.getMessage().setHeader(JdbcConstants.JDBC_PARAMETERS, parameters);
        PreparedStatement statement = connection.prepareStatement(prepared);
        names.populateStatement(statement, names.createPopulateIterator(sql, prepared, count, exchange, null), count);
        return statement;
    }
}
