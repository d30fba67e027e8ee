package sensorpipeline.api;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import javax.sql.DataSource;
import sensorpipeline.http.RequestError;

/**
 * Connections for what may read very many readings, each held until it has. Thread-safe.
 *
 * @param pool of them
 * @param forCaller the same, with the rights of the caller
 */
record Exports(HikariDataSource pool, DataSource forCaller) {

    /** @throws RequestError (503) if all are in use */
    Connection connection() throws SQLException {
        try {
            return forCaller.getConnection();
        } catch (SQLTransientConnectionException e) {
            if (e.getCause() == null) {
                throw new RequestError(503, "too_many_exports", "The maximum number of exports and trials of alert rules is running; try again when one has ended");
            }
            throw e;
        }
    }
}
