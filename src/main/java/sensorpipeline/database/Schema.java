package sensorpipeline.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.api.output.MigrateResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.settings.CannotStart;

/** The tables and views of the store, created by the migrations in resources/schema. Thread-safe. */
public final class Schema {

    private static final Logger LOG = LoggerFactory.getLogger(Schema.class);

    private final DataSource database;

    /** @param database that holds, or will hold, the schema, with the privilege to create tables */
    public Schema(DataSource database) {
        this.database = database;
    }

    /**
     * Migrates the schema to the current version; concurrent migrations wait for each other.
     *
     * @throws CannotStart if the database has a schema of another program
     * @throws FlywayException if PostgreSQL is unreachable, or a migration fails, which is then rolled back
     * @throws SQLException if PostgreSQL is unreachable
     */
    public void migrate() throws SQLException {
        try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            // Flyway's own lock does not cover its first query on a new database. This one is released with the connection.
            statement.execute("SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(hashtext('sensor_pipeline_schema'))");
            migrateAlone();
        }
    }

    private void migrateAlone() {
        MigrateResult result;
        try {
            result = Flyway.configure()
                    .dataSource(database)
                    .locations("classpath:schema")
                    .baselineOnMigrate(true)
                    .baselineVersion("0")
                    .load()
                    .migrate();
        } catch (FlywayValidateException e) {
            throw new CannotStart("The tables of this database were not made by this program, or by a changed one: use another DB_NAME, or the program that made them. "
                    + e.getMessage().lines().collect(Collectors.joining(" ")), e);
        }
        if (result.migrationsExecuted > 0) {
            LOG.info("Brought the schema to version {}", result.targetSchemaVersion);
        }
    }
}
