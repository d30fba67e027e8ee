package sensorpipeline.access;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * Connections for the current caller ({@link CallerScope}): each is in a transaction that sees only the caller's tenant, and may do only what the caller's role may. The
 * session logs in as a role that may do nothing at all, so a connection that was not made here, or whose transaction has ended, reads and changes
 * nothing. Who changes something must commit; closing rolls back. Thread-safe.
 */
public final class CallerDatabase implements DataSource {

    /** One round trip; the transaction begins with it. Both end with the transaction. */
    private static final String BECOME = "SELECT set_config('role', ?, true), set_config('pipeline.tenant', ?, true)";

    private final DataSource pool;
    private final Supplier<Caller> callers;
    private final UnaryOperator<Role> limit;

    private CallerDatabase(DataSource pool, Supplier<Caller> callers, UnaryOperator<Role> limit) {
        this.pool = pool;
        this.callers = callers;
        this.limit = limit;
    }

    /**
     * @param pool of connections that may become the roles of callers
     * @return connections with the rights of the caller
     */
    public static DataSource of(DataSource pool) {
        return new CallerDatabase(pool, CallerScope::current, role -> role);
    }

    /**
     * @param pool of connections that may become a reader
     * @return connections with the rights of a reader, whoever calls: PostgreSQL would plan each statement anew for another role
     */
    public static DataSource forReading(DataSource pool) {
        return new CallerDatabase(pool, CallerScope::current, role -> role.includes(Role.READER) ? Role.READER : role);
    }

    /**
     * @param pool of connections that may become the role of the caller
     * @param caller whose rights they have, whatever the thread processes
     * @return connections with the rights of this caller
     */
    public static DataSource of(DataSource pool, Caller caller) {
        return new CallerDatabase(pool, () -> caller, role -> role);
    }

    /** @throws IllegalStateException if there is no caller */
    @Override
    public Connection getConnection() throws SQLException {
        Caller caller = callers.get();
        Connection connection = pool.getConnection();
        try {
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(BECOME)) {
                statement.setString(1, limit.apply(caller.role()).databaseRole());
                statement.setString(2, caller.tenant());
                statement.execute();
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new UnsupportedOperationException("Connections are the caller's");
    }

    @Override
    public PrintWriter getLogWriter() throws SQLException {
        return pool.getLogWriter();
    }

    @Override
    public void setLogWriter(PrintWriter out) throws SQLException {
        pool.setLogWriter(out);
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        pool.setLoginTimeout(seconds);
    }

    @Override
    public int getLoginTimeout() throws SQLException {
        return pool.getLoginTimeout();
    }

    @Override
    public Logger getParentLogger() {
        throw new UnsupportedOperationException("See the log of the program");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return pool.unwrap(type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return pool.isWrapperFor(type);
    }
}
