package sensorpipeline.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.jdbc.DefaultJdbcPrepareStatementStrategy;
import org.apache.camel.component.jdbc.JdbcConstants;

/** Statements with named parameters, in the syntax of Camel's jdbc: component, for Java that runs the statements of routes. */
public final class NamedParameters {

    private NamedParameters() {
    }

    /**
     * @param connection to run it on
     * @param exchange of a route
     * @param sql with parameters as {@code :?name}
     * @param parameters their values, which Camel's header is set to
     * @return the statement with its parameters set, to be closed by the caller
     */
    public static PreparedStatement prepare(Connection connection, Exchange exchange, String sql, Map<String, Object> parameters) throws SQLException {
        DefaultJdbcPrepareStatementStrategy names = new DefaultJdbcPrepareStatementStrategy();
        String prepared = names.prepareQuery(sql, true);
        int count = (int) prepared.chars().filter(c -> c == '?').count();
        exchange.getMessage().setHeader(JdbcConstants.JDBC_PARAMETERS, parameters);
        PreparedStatement statement = connection.prepareStatement(prepared);
        names.populateStatement(statement, names.createPopulateIterator(sql, prepared, count, exchange, null), count);
        return statement;
    }
}
