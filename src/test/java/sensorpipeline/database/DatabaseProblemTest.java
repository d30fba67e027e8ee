package sensorpipeline.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;
import sensorpipeline.support.SteadyPorts;

/** Database errors in /health: the cause, with TLS only if TLS failed. Failed logins and certificates are in SecuredIT. */
class DatabaseProblemTest {

    private static String problem(Settings settings) {
        try (HikariDataSource pool = Databases.store(settings.with("db.connect.timeout", 1000).with("store.connections", 2))) {
            return Databases.describe(settings, assertThrows(SQLException.class, pool::getConnection));
        }
    }

    private static void assertTold(String expected, String told) {
        assertTrue(told.contains(expected), told);
        assertFalse(told.contains("TLS"), told);
        assertEquals(1, told.lines().count(), told);
    }

    @ParameterizedTest
    @CsvSource({"prefer", "verify-full"})
    void aStoppedServerRefusesTheConnection(String mode) {
        int port = SteadyPorts.anyFree();
        assertTold("PostgreSQL at 127.0.0.1:%d refuses the connection: it is not running, or it listens elsewhere (DB_HOST, DB_PORT)".formatted(port),
                problem(Servers.settings().with("db.port", port).with("db.tls.mode", mode)));
    }

    @Test
    void anUnknownHostIsNamed() {
        assertTold("cannot be found: the host name db.invalid is unknown (DB_HOST)", problem(Servers.settings().with("db.host", "db.invalid")));
    }

    @Test
    void aServerThatDoesNotAnswerInTimeIsToldAsSuch() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            Settings settings = Servers.settings().with("db.port", silent.getLocalPort()).with("db.tls.mode", "disable");
            assertTold("does not answer within the time limit (DB_HOST, DB_PORT)", problem(settings));
        }
    }

    @Test
    void aServerWithoutTlsIsAMatterOfTls() {
        String told = problem(Servers.settings().with("db.tls.mode", "require"));
        assertTrue(told.contains(": TLS fails (DB_TLS_MODE, DB_TLS_CERTIFICATES): "), told);
    }

    @Test
    void aMissingDatabaseIsNamed() {
        assertTold("has no database nowhere (DB_NAME): ", problem(Servers.settings().with("db.name", "nowhere")));
    }

    @Test
    void anUnknownUserIsNamed() {
        assertTold("rejects the login of nobody (DB_USER, DB_PASSWORD): ", problem(Servers.settings().with("db.user", "nobody")));
    }

    @Test
    void aServerWithoutAFreeConnectionSaysSo() {
        Settings settings = Servers.settings();
        new Database(settings).run("CREATE ROLE %s_guest LOGIN CONNECTION LIMIT 0".formatted(settings.text("db.name")));
        assertTold("has no connection left", problem(settings.with("db.user", settings.text("db.name") + "_guest")));
    }

    @Test
    void aPoolWithoutAFreeConnectionSaysSo() throws SQLException {
        Settings settings = Servers.settings();
        try (HikariDataSource pool = Databases.retention(settings); Connection only = pool.getConnection()) {
            assertTrue(only.isValid(5));
            pool.setConnectionTimeout(250);
            assertTold("whose connections are all in use (STORE_CONNECTIONS", Databases.describe(settings, assertThrows(SQLException.class, pool::getConnection)));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "57P03 | is starting, stopping or recovering: told",
        "53100 | is short of memory or disk space: told",
        "40P01 | is busy: told",
        "57014 | did not answer a statement in time: told",
        "25006 | takes no changes, because it is a standby or read-only (DB_HOST): told",
        "42P01 | does not have the tables and roles of this version; a consumer creates them: told",
        "42501 | does not permit this to postgres (DB_USER): told",
        "XX000 | reports an error: told"})
    void whatItsStateMeansIsTold(String state, String expected) {
        Settings settings = Servers.settings();
        assertTold("PostgreSQL at 127.0.0.1:%s %s".formatted(settings.text("db.port"), expected),
                Databases.describe(settings, new SQLException("told\nat some length, SSL off", state)));
    }
}
