package sensorpipeline.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;

class SqlFaultTest {

    private static Settings settings;

    @BeforeAll
    static void makeTables() {
        settings = Servers.settings();
        new Database(settings).run("""
                CREATE TABLE room (name text PRIMARY KEY, seats int CHECK (seats > 0));
                CREATE TABLE bed (room text NOT NULL REFERENCES room);
                INSERT INTO room VALUES ('icu', 4);
                CREATE SEQUENCE few START 2 MAXVALUE 2;
                SELECT nextval('few');
                DROP ROLE IF EXISTS sqlfault_guest;
                CREATE ROLE sqlfault_guest""");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "INSERT INTO room VALUES ('icu', 1) | DUPLICATE",
        "INSERT INTO room VALUES ('er', 0) | CONSTRAINT",
        "INSERT INTO bed VALUES ('none') | CONSTRAINT",
        "INSERT INTO bed VALUES (NULL) | CONSTRAINT",
        "INSERT INTO room VALUES ('er', 1e10) | VALUE",
        "SELECT 'x'::int | VALUE",
        "SELECT '1e-400'::float8 | VALUE",
        "SELECT 1 / 0 | VALUE",
        "SELECT nextval('few') | INTERNAL",
        "SELECT 1 FROM nowhere | SCHEMA",
        "SELECT nothing FROM room | SCHEMA",
        "SELECT nothing() | SCHEMA",
        "SET ROLE sqlfault_guest; SELECT * FROM room | NOT_PERMITTED",
        "SET statement_timeout = 10; SELECT pg_sleep(9) | CANCELLED",
        "BEGIN READ ONLY; INSERT INTO room VALUES ('er', 1) | READ_ONLY",
        "SELECT pg_terminate_backend(pg_backend_pid()) | STARTING",
        "SELEC | INTERNAL"})
    void whatPostgresqlRefusesIsToldByItsKind(String statement, SqlFault fault) throws SQLException {
        try (Connection connection = Servers.connect(settings); Statement session = connection.createStatement()) {
            assertEquals(fault, SqlFault.of(new IllegalStateException(assertThrows(SQLException.class, () -> session.execute(statement)))));
        }
    }

    @ParameterizedTest
    @CsvSource({"08001, UNREACHABLE", "08006, UNREACHABLE", "28P01, LOGIN_REFUSED", "28000, LOGIN_REFUSED", "3D000, LOGIN_REFUSED", "57P01, STARTING", "57P03, STARTING",
        "53100, BUSY", "53200, BUSY", "53300, BUSY", "55P03, BUSY", "55006, BUSY", "40001, BUSY", "40P01, BUSY", "25006, READ_ONLY", "57014, CANCELLED"})
    void aStateThatPassesIsNeverTheFaultOfData(String state, SqlFault fault) {
        SQLException problem = new SQLException("told", state);
        assertEquals(fault, SqlFault.of(problem));
        assertTrue(fault.isTransient());
        assertFalse(SqlFault.isFaultOfData(problem));
    }

    @ParameterizedTest
    @CsvSource({"22003, true", "22021, true", "22P02, true", "23514, true", "23505, true", "54000, true", "2200H, false", "42501, false", "42P01, false", "XX001, false", "58030, false", "0A000, false"})
    void onlyAStateThatSpeaksOfTheDataMakesADeadLetter(String state, boolean isFaultOfData) {
        assertEquals(isFaultOfData, SqlFault.isFaultOfData(new RuntimeException(new SQLException("told", state))));
        assertEquals("23505".equals(state), SqlFault.isDuplicate(new SQLException("told", state)));
    }

    @Test
    void aPoolWithoutAFreeConnectionIsBusyAndNotUnreachable() throws SQLException {
        try (HikariDataSource pool = Databases.retention(settings.with("db.connect.timeout", 250)); Connection only = pool.getConnection()) {
            assertTrue(only.isValid(1));
            assertEquals(SqlFault.BUSY, SqlFault.of(assertThrows(SQLTransientConnectionException.class, pool::getConnection)));
        }
    }

    @Test
    void aRoleThatTheConsumerHasNotMadeYetIsAMatterOfTheSchema() {
        Settings empty = Servers.settings().with("db.connect.timeout", 1000);
        HikariConfig configuration = Databases.ofCallers(empty, "none");
        configuration.setConnectionInitSql("SET ROLE role_of_nobody");
        try (HikariDataSource pool = new HikariDataSource(configuration)) {
            SQLException problem = assertThrows(SQLException.class, pool::getConnection);
            assertEquals(SqlFault.SCHEMA, SqlFault.of(problem), problem.toString());
        }
    }

    @Test
    void whatIsNotOfTheDatabaseIsNotTheFaultOfData() {
        assertEquals(SqlFault.INTERNAL, SqlFault.of(new IllegalStateException("no SQL")));
        assertEquals(SqlFault.UNREACHABLE, SqlFault.of(new SQLException("closed")));
    }
}
