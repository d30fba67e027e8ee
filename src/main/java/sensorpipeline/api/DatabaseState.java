package sensorpipeline.api;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * What answers of PostgreSQL depend on, besides their question: two answers are equal if the states in which they were given are.
 *
 * @param snapshot which transactions are visible, and in which run of which server: a restored server counts transactions anew
 * @param second of the server's clock, since 1970
 */
record DatabaseState(String snapshot, long second) {

    private static final String QUESTION = "SELECT pg_current_snapshot() || ' ' || pg_postmaster_start_time(), extract(epoch FROM date_trunc('second', now()))::bigint";

    /** @param connection in no transaction, so that it sees all that is committed */
    static DatabaseState read(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(QUESTION); ResultSet row = statement.executeQuery()) {
            row.next();
            return new DatabaseState(row.getString(1), row.getLong(2));
        }
    }
}
