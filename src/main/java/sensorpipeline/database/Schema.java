package sensorpipeline.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.api.output.MigrateResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.settings.CannotStart;
import sensorpipeline.settings.Settings;

/**
 * The tables, functions and views of the store. Tables are created and changed by the versioned migrations in
 * resources/schema, each of which runs once; functions and views are defined once, in resources/schema/functions, and are
 * defined anew whenever their file has changed. They belong to the newest versioned migration: a program that meets a
 * schema with a later one leaves all as it is. Thread-safe.
 */
public final class Schema {

    private static final Logger LOG = LoggerFactory.getLogger(Schema.class);

    /** Of 17.6, the first without CVE-2025-8713 (statistics of rows that row security hides), and 18. */
    private static final int OLDEST_SERVER = 170_006;

    private final DataSource database;
    private final LoginRole loginRole;
    private boolean isMigrated;

    /**
     * @param settings {@code db.*} and {@code api.db.*}
     * @param database that holds, or will hold, the schema, with the privilege to create tables
     * @throws Settings.InvalidSetting if the REST API would log in as the owner of the tables
     */
    public Schema(Settings settings, DataSource database) {
        this.database = database;
        loginRole = new LoginRole(settings);
    }

    /**
     * Migrates the schema to the current version, and makes the role that the REST API logs in as; concurrent migrations wait for each other. Once that has
     * succeeded, does nothing.
     *
     * @throws CannotStart if the database has a schema of another program, PostgreSQL is too old, or the role cannot be made
     * @throws FlywayException if PostgreSQL is unreachable, or a migration fails, which is then rolled back
     * @throws SQLException if PostgreSQL is unreachable
     */
    public synchronized void migrate() throws SQLException {
        if (isMigrated) {
            return;
        }
        try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
            requireVersion(statement);
            connection.setAutoCommit(false);
            // Flyway's own lock does not cover its first query on a new database. This one is released with the connection.
            statement.execute("SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(hashtext('sensor_pipeline_schema'))");
            migrateAlone();
            loginRole.ensure(database);
        }
        isMigrated = true;
    }

    private static void requireVersion(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT current_setting('server_version_num')::integer, current_setting('server_version')")) {
            row.next();
            if (row.getInt(1) < OLDEST_SERVER) {
                throw new CannotStart("PostgreSQL 17.6 or later is required, because earlier ones let a tenant learn of rows of another (CVE-2025-8713); this server is " + row.getString(2));
            }
        }
    }

    private void migrateAlone() {
        Flyway flyway = Flyway.configure()
                .dataSource(database)
                .locations("classpath:schema")
                // Functions call each other, and are defined in the order of their names. Those with a RETURN clause are parsed only then, which
                // makes statements that call them cheaper to plan, but they can call only those before them.
                // Functions with the rights of their owner keep this search path, in which no temporary table comes first.
                .initSql("SET check_function_bodies = off; SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', false)")
                // Tables and functions change together: other programs see all of it, or nothing.
                .group(true)
                .ignoreMigrationPatterns("*:future", "repeatable:*")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load();
        MigrateResult result;
        try {
            if (isOfNewerProgram(flyway)) {
                flyway.validate();
                LOG.info("The schema has version {}, of a newer program, and stays as it is", flyway.info().current().getVersion());
                return;
            }
            result = flyway.migrate();
        } catch (FlywayValidateException e) {
            throw new CannotStart("The tables of this database were not made by this program, or by a changed one: use another DB_NAME (with the embedded servers, another DATA_DIR), or the program that made them. "
                    // Without Flyway's advice, which would do harm here.
                    + e.getMessage().lines().filter(line -> line.startsWith("Migration ") || line.startsWith("Detected ")).collect(Collectors.joining("; ")), e);
        }
        if (result.migrationsExecuted > 0) {
            LOG.info("Brought the schema to version {}", flyway.info().current().getVersion());
        }
    }

    private static boolean isOfNewerProgram(Flyway flyway) {
        return Arrays.stream(flyway.info().all()).anyMatch(migration -> migration.isVersioned() && migration.getState() == MigrationState.FUTURE_SUCCESS);
    }
}
