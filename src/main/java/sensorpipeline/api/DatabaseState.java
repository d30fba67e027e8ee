package sensorpipeline.api;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * What answers of PostgreSQL depend on, besides their question: two answers are equal if the states in which they were given are known and equal.
 *
 * @param snapshot which transactions are visible, and in which run of which server: a restored server counts transactions anew; null if it is
 *     unknown, because a standby does not tell which transactions are in progress
 * @param second of the server's clock, since 1970
 */
record DatabaseState(String snapshot, long second) {

    private static final String QUESTION = "SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_snapshot() || ' ' || pg_postmaster_start_time() END, extract(epoch FROM date_trunc('second', now()))::bigint";

    /** @param connection in no transaction, so that it sees all that is committed */
    static DatabaseState read(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(QUESTION); ResultSet row = statement.executeQuery()) {
            row.next();
            return new DatabaseState(row.getString(1), row.getLong(2));
        }
    }
}
