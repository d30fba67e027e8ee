package sensorpipeline.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sensorpipeline.database.Databases;
import sensorpipeline.settings.Settings;
import sensorpipeline.support.Database;
import sensorpipeline.support.Servers;

/** One connection serves callers of all tenants and roles, each with its own rights, and nobody with any. */
class CallerDatabaseTest {

    private static final Settings SETTINGS = Servers.settings();
    private static final HikariDataSource POOL = Databases.api(SETTINGS.with("api.connections", 1), "api", "api.connections");
    private static final HikariDataSource CHANGES = Databases.operator(SETTINGS);

    @BeforeAll
    static void addTenants() {
        new Database(SETTINGS).run("""
                INSERT INTO metric_declaration (tenant, metric, kind) VALUES ('acme', 'secret', 'gauge'), ('default', 'temperature', 'gauge');
                INSERT INTO alert_rule (rule_id, tenant, name, version, definition) VALUES (1, 'acme', 'r', 1, '{}'), (2, 'default', 'r', 1, '{}')""");
    }

    @AfterAll
    static void close() {
        POOL.close();
        CHANGES.close();
    }

    private static Caller caller(String tenant, Role role) {
        return new Caller(tenant, role, "test", "test");
    }

    private static String ask(DataSource database, String sql) throws SQLException {
        try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                connection.commit();
                return String.valueOf(statement.getUpdateCount());
            }
            try (ResultSet row = statement.getResultSet()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    private static String askAs(Caller caller, String sql) throws SQLException {
        return ask(CallerDatabase.of(POOL, caller), sql);
    }

    private static void assertRefused(String state, DataSource database, String sql) {
        SQLException refusal = assertThrows(SQLException.class, () -> ask(database, sql), sql);
        assertEquals(state, refusal.getSQLState(), refusal.getMessage());
    }

    @Test
    void oneConnectionServesManyTenantsAndEachSeesItsOwn() throws SQLException {
        for (int i = 0; i < 100; i++) {
            String tenant = i % 3 == 0 ? "acme" : i % 3 == 1 ? "default" : "nobody";
            assertEquals(i % 3 == 0 ? "secret" : i % 3 == 1 ? "temperature" : null, askAs(caller(tenant, Role.READER), "SELECT string_agg(metric, ',') FROM metric_declaration"));
        }
    }

    @Test
    void aConnectionThatNobodyAskedForReadsNothing() {
        assertRefused("42501", POOL, "SELECT count(*) FROM metric_declaration");
        assertRefused("42501", CHANGES, "SELECT count(*) FROM alert_rule");
        assertThrows(IllegalStateException.class, () -> ask(CallerDatabase.of(POOL), "SELECT 1"));
    }

    /** A statement that somebody has smuggled in. */
    @ParameterizedTest
    @ValueSource(strings = {"RESET ROLE", "SET ROLE none", "SET SESSION AUTHORIZATION DEFAULT", "COMMIT", "ROLLBACK"})
    void whoGetsRidOfTheRoleHasNoRightsAtAll(String first) throws SQLException {
        assertRefused("42501", CallerDatabase.of(CHANGES, caller("default", Role.ADMINISTRATOR)), first + "; SELECT metric FROM metric_declaration");
    }

    @Test
    void whoGetsRidOfTheTenantSeesNoRows() throws SQLException {
        for (String first : List.of("RESET ALL", "RESET pipeline.tenant", "SET LOCAL pipeline.tenant = ''")) {
            try (Connection connection = CallerDatabase.of(CHANGES, caller("default", Role.ADMINISTRATOR)).getConnection(); Statement statement = connection.createStatement()) {
                statement.execute(first);
                try (ResultSet row = statement.executeQuery("SELECT count(*) FROM metric_declaration")) {
                    assertTrue(row.next());
                    assertEquals(0, row.getInt(1), first);
                }
            }
        }
    }

    @Test
    void nothingOfACallerIsLeftForTheNext() throws SQLException {
        assertThrows(SQLException.class, () -> askAs(caller("acme", Role.READER), "SELECT 1 / 0"));
        assertEquals("0", askAs(caller("", Role.READER), "SELECT count(*) FROM metric_declaration"));
        assertEquals("0", askAs(caller(null, Role.READER), "SELECT count(*) FROM metric_declaration"));
        assertEquals("temperature", askAs(caller("default", Role.READER), "SELECT metric FROM metric_declaration"));
    }

    @ParameterizedTest
    @EnumSource
    void onlyAReaderAndThoseAboveReadWhoeverElseAsks(Role role) throws SQLException {
        if (role == Role.DEVICE) {
            assertRefused("42501", CallerDatabase.of(POOL, caller("default", role)), "SELECT metric FROM metric_declaration");
        } else {
            assertEquals("temperature", askAs(caller("default", role), "SELECT metric FROM metric_declaration"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "OPERATOR | UPDATE dead_letter SET status = 'replaying'", "OPERATOR | UPDATE lost_records SET acknowledged_at = now()", "OPERATOR | UPDATE alert SET shelved_until = now()",
        "OPERATOR | UPDATE alert_channel SET acknowledged_at = now()", "ADMINISTRATOR | UPDATE alert_channel SET name = 'c'", "ADMINISTRATOR | DELETE FROM dead_letter",
        "ADMINISTRATOR | UPDATE alert_rule SET name = 'q'", "ADMINISTRATOR | DELETE FROM alert_channel", "ADMINISTRATOR | INSERT INTO alert_channel_secret SELECT FROM tenant WHERE false",
        "ADMINISTRATOR | UPDATE metric_declaration SET unit = 'x'", "ADMINISTRATOR | DELETE FROM retired_sensor",
        "ADMINISTRATOR | SELECT deleted FROM delete_some_readings(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, now(), true)"})
    void eachChangeNeedsItsRole(String needed, String change) throws SQLException {
        for (Role role : Role.values()) {
            DataSource database = CallerDatabase.of(CHANGES, caller("default", role));
            if (role.includes(Role.valueOf(needed))) {
                ask(database, change);
            } else {
                assertRefused("42501", database, change);
            }
        }
        assertEquals("r", new Database(SETTINGS).ask("SELECT name FROM alert_rule WHERE tenant = 'acme'"));
    }

    @Test
    void aTemporaryTableTakesThePlaceOfNoOtherInFunctionsWithTheRightsOfTheirOwner() {
        assertEquals("0", new Database(SETTINGS).ask("""
                SELECT count(*) FROM pg_proc WHERE prosecdef AND prosqlbody IS NULL AND pronamespace = 'public'::regnamespace
                AND NOT EXISTS (SELECT FROM unnest(proconfig) AS setting WHERE setting LIKE 'search_path=%, pg_temp')"""));
    }

    @Test
    void theCallerOfAnExchangeIsTheOneOfTheThreadForAsLongAsItIsProcessed() throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            Exchange exchange = new DefaultExchange(camel);
            exchange.setVariable(CallerScope.CALLER, caller("acme", Role.READER));
            CallerScope.around(during -> during.getMessage().setBody(ask(CallerDatabase.of(POOL), "SELECT metric FROM metric_declaration"))).process(exchange);
            assertEquals("secret", exchange.getMessage().getBody());
            assertThrows(IllegalStateException.class, () -> ask(CallerDatabase.of(POOL), "SELECT 1"));
            assertThrows(IllegalStateException.class, () -> CallerScope.of(new DefaultExchange(camel)));
        }
    }

    /** Whoever adds a table decides who sees its rows. */
    @Test
    void everyTableWithATenantHidesTheRowsOfOthersAndNoRoleOfCallersGetsAroundThat() {
        Database database = new Database(SETTINGS);
        assertEquals(null, database.ask("""
                SELECT string_agg(relname, ', ') FROM pg_class AS c
                WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND NOT relispartition AND NOT relrowsecurity
                  -- Its only row is nobody's.
                  AND relname <> 'rollup_watermark'
                  AND (has_table_privilege('sensor_pipeline_administrator', c.oid, 'SELECT,INSERT,UPDATE,DELETE') OR has_any_column_privilege('sensor_pipeline_administrator', c.oid, 'SELECT'))
                  AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname IN ('tenant', 'series_id', 'group_id', 'channel_id', 'rule_id'))"""));
        assertEquals("0", database.ask("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'sensor\\_pipeline%' AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolinherit AND rolcanlogin)"));
        assertEquals("0", database.ask("SELECT count(*) FROM pg_class JOIN pg_roles AS owner ON owner.oid = relowner WHERE rolname LIKE 'sensor\\_pipeline%'"));
        assertTrue(Integer.parseInt(database.ask("SELECT count(*) FROM pg_policy")) > 20);
    }
}
