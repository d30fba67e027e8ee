package sensorpipeline.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;

/** The REST API logs in as a role that may do nothing on its own, or not at all. */
class LoginRoleTest {

    private static final String ROLE = "role_of_a_test";

    private final Settings settings = Servers.settings().with("api.db.user", ROLE).with("db.connect.timeout", 1000);
    private final Database database = new Database(settings);

    @AfterEach
    void drop() {
        database.run("DROP ROLE IF EXISTS " + ROLE);
    }

    private void ensure() throws SQLException {
        try (HikariDataSource owner = Databases.schema(settings)) {
            new LoginRole(settings).ensure(owner);
        }
    }

    private void logIn() throws SQLException {
        try (HikariDataSource pool = Databases.operator(settings); Connection connection = pool.getConnection()) {
            assertTrue(connection.isValid(1));
        }
    }

    @Test
    void theRoleIsMadeOnceAndMayBecomeThatOfEachCaller() throws SQLException {
        ensure();
        ensure();
        logIn();
        assertEquals("4", database.ask("SELECT count(*) FROM pg_auth_members WHERE member = '%s'::regrole AND set_option AND NOT inherit_option AND NOT admin_option".formatted(ROLE)));
    }

    @Test
    void oneThatAnAdministratorHasMadeIsTaken() throws SQLException {
        database.run("CREATE ROLE " + ROLE + " LOGIN");
        ensure();
        logIn();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "LOGIN SUPERUSER | SELECT 1 | has SUPERUSER, BYPASSRLS, CREATEROLE or NOLOGIN", "LOGIN BYPASSRLS | SELECT 1 | has SUPERUSER, BYPASSRLS, CREATEROLE or NOLOGIN",
        "LOGIN CREATEROLE | SELECT 1 | has SUPERUSER, BYPASSRLS, CREATEROLE or NOLOGIN",
        "LOGIN | GRANT pg_read_all_data TO role_of_a_test | has the rights of role pg_read_all_data, or can get them",
        "LOGIN | GRANT pg_read_all_data TO role_of_a_test WITH INHERIT FALSE, SET TRUE | has the rights of role pg_read_all_data, or can get them",
        "LOGIN | GRANT sensor_pipeline_reader TO role_of_a_test WITH INHERIT TRUE | has the rights of role sensor_pipeline_reader, or can get them",
        "LOGIN | GRANT sensor_pipeline_reader TO role_of_a_test WITH ADMIN TRUE, INHERIT FALSE | has the rights of role sensor_pipeline_reader, or can get them"})
    void oneWithRightsOfItsOwnIsRefusedByConsumersAndByTheRestApi(String rights, String grant, String reason) {
        database.run("CREATE ROLE " + ROLE + " " + rights + "; " + grant);
        assertTrue(assertThrows(CannotStart.class, this::ensure).getMessage().contains(ROLE + " " + reason));
        SQLException refusal = assertThrows(SQLException.class, this::logIn);
        assertEquals(SqlFault.LOGIN_REFUSED, SqlFault.of(refusal));
        assertTrue(Databases.describe(Databases.settingsOfApi(settings), refusal).contains(reason), refusal::toString);
    }

    @Test
    void oneThatMayNotLogInStaysAsItIs() {
        database.run("CREATE ROLE " + ROLE + " NOLOGIN");
        assertThrows(CannotStart.class, this::ensure);
        assertEquals("f", database.ask("SELECT rolcanlogin FROM pg_roles WHERE rolname = '" + ROLE + "'"));
    }
}
