package sensorpipeline.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sensorpipeline.support.Servers;

/** What the jdbc: component of the routes sees of PostgreSQL. */
class RouteDatabaseTest {

    private HikariDataSource pool;
    private Connection connection;

    @BeforeEach
    void connect() throws SQLException {
        pool = Databases.schema(Servers.settings());
        connection = RouteDatabase.of(pool).getConnection();
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
        pool.close();
    }

    @Test
    void theNumberOfParametersIsAskedOfPostgresqlOncePerStatement() throws SQLException {
        run("CREATE TABLE gone (number integer)");
        assertEquals(1, count("SELECT FROM gone WHERE number = ?"));
        run("DROP TABLE gone");
        assertEquals(1, count("SELECT FROM gone WHERE number = ?"));
        assertThrows(SQLException.class, () -> count("SELECT FROM gone WHERE number > ?"), "this one is asked for the first time");
    }

    private void run(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        }
    }

    private int count(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            return statement.getParameterMetaData().getParameterCount();
        }
    }

    @Test
    void statementsRunAsWithoutIt() throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT ?::integer + ?::integer, '?', '{\"a\":1}'::jsonb ?? 'a'")) {
            assertEquals(2, statement.getParameterMetaData().getParameterCount());
            statement.setInt(1, 2);
            statement.setInt(2, 3);
            ResultSet rows = statement.executeQuery();
            rows.next();
            assertEquals("5 ? t", rows.getString(1) + " " + rows.getString(2) + " " + rows.getString(3));
        }
    }

    @Test
    void anErrorOfPostgresqlReachesTheRouteAsItIs() {
        SQLException missing = assertThrows(SQLException.class, () -> connection.prepareStatement("SELECT * FROM none").executeQuery());
        assertEquals("42P01", missing.getSQLState());
    }
}
